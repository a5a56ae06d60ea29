// One whole connection, server side, in memory: SYN, SYN-ACK, ACK, request, response + FIN, ACK, FIN, ACK; the server
// closes first and keeps TIME_WAIT. The client is a packet template, so what is measured is the host (checksums of
// received packets are taken as verified by the device, of sent ones as left to it, as on a NIC that offloads both).
//   weir-bench-connection                     nanoseconds
//   weir-bench-connection --count N           N connections and nothing else: for callgrind
#include <benchmark/benchmark.h>
#include <rte_eal.h>

#include <charconv>
#include <cstring>

#include <weir/stack/host.h>
#include <weir/wire/build.h>
#include <weir/wire/headers.h>

namespace weir {
namespace {

constexpr std::uint16_t kPort = 80;
constexpr std::uint32_t kRequest = 64, kResponse = 64;

void start_eal() {
  const char* words[] = {"bench", "--no-huge", "--no-pci",          "--no-shconf", "--no-telemetry",
                         "-m",    "512",       "--log-level=error", "--lcores",    "0@0"};
  if (rte_eal_init(static_cast<int>(std::size(words)), const_cast<char**>(words)) < 0) std::abort();
}

stack::HostConfig configuration() {
  stack::HostConfig config;
  config.connections = 1 << 16;
  config.time_wait_v4 = 1 << 20;
  config.time_wait_v6 = 1 << 20;
  config.flow_secret = {1, 2};
  config.isn_secret = {3, 4};
  config.timestamp_secret = {5, 6};
  return config;
}

class Loop {
 public:
  explicit Loop(Family family)
      : packets_("bench", 8191),
        outbox_(&Loop::on_flush, this),
        server_address_(IpAddress::parse(family == Family::kIpv4 ? "192.0.2.2" : "2001:db8::2").value()),
        client_address_(IpAddress::parse(family == Family::kIpv4 ? "192.0.2.1" : "2001:db8::1").value()),
        host_(configuration(), outbox_, packets_, now_) {
    host_.add_address(server_address_, 1500);
    stack::ListenerId listener;
    if (host_.listen({.address = server_address_, .port = kPort}, listener) != stack::CallError::kNone) std::abort();
  }

  void one_connection() {
    next_client();
    step(kSyn, 0);
    snd_ += 1;
    step(kAck, 0);
    step(kAck | kPsh, kRequest);
    snd_ += kRequest;
    step(kAck, 0);
    step(kAck | kFin, 0);
    snd_ += 1;
    now_ += 10us;
    if ((++count_ & 63) == 0) host_.advance(now_);
  }
  std::uint64_t packets_in() const { return in_; }
  std::uint64_t packets_out() const { return out_; }
  std::uint64_t time_waits() const { return host_.connections_in(tcp::State::kTimeWait); }

 private:
  void next_client() {
    if (++port_ == 0) {
      port_ = 1024;
      snd_ += 0x10000;
    }
    snd_ += 0x1000;
  }
  // One packet to the host, its application's turn, and what it sends.
  void step(std::uint8_t flags, std::uint32_t payload) {
    Packet packet = packets_.allocate();
    std::memset(packet.append(static_cast<std::uint16_t>(payload)), 'r', payload);
    const Segment segment{.source_port = port_,
                          .destination_port = kPort,
                          .seq = SeqNum{snd_},
                          .ack = rcv_,
                          .flags = flags,
                          .window = UnscaledWindow{65535}};
    const wire::Path path{
        .source = client_address_, .destination = server_address_, .source_port = port_, .destination_port = kPort};
    if (!wire::write_tcp(packet, path, segment)) std::abort();
    packet.get()->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
    ++in_;
    rte_mbuf* mbuf = packet.release();
    host_.on_burst({&mbuf, 1}, now_);
    serve();
    outbox_.flush();
  }
  void serve() {
    static constexpr std::array<std::uint8_t, kResponse> answer{};
    while (const auto event = host_.next_event()) {
      if (event->listener != stack::kNoListener) {
        while (host_.accept(event->listener)) {
        }
      } else if ((event->what & tcp::kReadable) != 0) {
        while (host_.receive(event->connection)) {
        }
        host_.send(event->connection, answer);
        host_.close(event->connection);
      }
    }
  }
  static void on_flush(void* context, std::span<rte_mbuf*> batch) {
    auto& self = *static_cast<Loop*>(context);
    for (rte_mbuf* mbuf : batch) {
      Packet packet{mbuf};
      const auto tcp_at = packet.data().subspan(self.server_address_.is_v4() ? 20 : 40);
      std::uint32_t seq;
      std::memcpy(&seq, tcp_at.data() + 4, 4);
      const std::uint32_t controls = ((tcp_at[13] & kSyn) != 0 ? 1U : 0U) + ((tcp_at[13] & kFin) != 0 ? 1U : 0U);
      const std::uint32_t headers = (self.server_address_.is_v4() ? 20U : 40U) + (tcp_at[12] >> 4) * 4U;
      self.rcv_ = SeqNum{be32::from_raw(seq).value()} + (packet.length() - headers) + controls;
      ++self.out_;
    }
  }

  PacketPool packets_;
  Outbox outbox_;
  IpAddress server_address_, client_address_;
  Instant now_{1'000'000s};
  stack::Host host_;
  std::uint16_t port_ = 1023;
  std::uint32_t snd_ = 0;
  SeqNum rcv_;
  std::uint64_t in_ = 0, out_ = 0, count_ = 0;
};

void whole_connection(benchmark::State& state, Family family) {
  Loop loop(family);
  for (auto _ : state) loop.one_connection();
  state.SetItemsProcessed(state.iterations());
  const auto each = [&](std::uint64_t n) { return static_cast<double>(n) / static_cast<double>(state.iterations()); };
  state.counters["packets_in"] = each(loop.packets_in());
  state.counters["packets_out"] = each(loop.packets_out());
  state.counters["time_wait"] = static_cast<double>(loop.time_waits());
}
BENCHMARK_CAPTURE(whole_connection, ipv4, Family::kIpv4);
BENCHMARK_CAPTURE(whole_connection, ipv6, Family::kIpv6);

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  weir::start_eal();
  if (argc == 3 && std::strcmp(argv[1], "--count") == 0) {
    unsigned count = 0;
    std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), count);
    weir::Loop loop(weir::Family::kIpv4);
    for (unsigned i = 0; i < count; ++i) loop.one_connection();
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
