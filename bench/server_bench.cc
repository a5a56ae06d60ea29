// The server's side of whole connections, in memory: what one costs in TSC cycles, and only that. Clients' packets are
// prepared before and read after; measured is what a worker does with a burst of them: the host, the application's
// turn, timers, and what it sends. In: SYN, ACK with the request, FIN. Out: SYN-ACK, response, ACK. The server closes
// first and keeps TIME_WAIT.
//   weir-bench-server [--bursts N] [--mixed] [--bare] [--offload] [--ipv6] [--huge]
//   --mixed: a burst holds SYNs, requests and FINs in turn, of three times as many connections, as a device brings them
//   --bare: the client offers nothing but an MSS; else SACK, timestamps and window scaling too
//   --offload: checksums are the device's work; else verified and computed here
//   --huge: packets lie on huge pages (sysctl vm.nr_hugepages=64), tables too where there are more
//   valgrind --tool=callgrind --toggle-collect='*host_work*' weir-bench-server --bursts 100: instructions
#include <rte_cycles.h>
#include <rte_eal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include <weir/stack/host.h>
#include <weir/wire/build.h>
#include <weir/wire/headers.h>

namespace weir {
namespace {

constexpr std::uint16_t kPort = 80;
constexpr std::uint32_t kBurst = 32;  // connections side by side
constexpr std::uint32_t kRequest = 64, kResponse = 100;
constexpr std::uint16_t kFirstPort = 1024;  // up to 65,535: a whole number of bursts

struct Choices {
  unsigned bursts = 4000;
  bool is_mixed = false;
  bool is_bare = false;
  bool has_offload = false;
  bool is_v6 = false;
  bool has_huge_pages = false;
};

// One client's end: what the next packet says.
struct Client {
  std::uint16_t port = 0;  // 0: none yet
  std::uint32_t address = 0;
  std::uint32_t snd = 0;
  SeqNum rcv;
  std::uint32_t echo = 0;  // the server's last TSval
};

enum Stage : unsigned { kOpening, kAsking, kClosing, kStages };
using Cycles = std::array<std::uint64_t, kStages>;  // of one burst

std::uint64_t total(const Cycles& cycles) {
  return cycles[kOpening] + cycles[kAsking] + cycles[kClosing];
}

stack::HostConfig configuration() {
  stack::HostConfig config;
  config.connections = 1 << 16;
  config.time_wait_v4 = config.time_wait_v6 = 1 << 20;
  config.flow_secret = {1, 2};
  config.isn_secret = {3, 4};
  return config;
}

class Bench {
 public:
  explicit Bench(const Choices& choices)
      : choices_(choices),
        packets_("bench", 8191),
        outbox_(&Bench::on_flush, this),
        server_(IpAddress::parse(choices.is_v6 ? "2001:db8::2" : "192.0.2.2").value()),
        host_(configuration(), outbox_, packets_, now_) {
    host_.add_address(server_, 1500);
    if (host_.listen({.address = server_, .port = kPort}, listener_) != stack::CallError::kNone) std::abort();
  }

  // kBurst whole connections, or a packet of each of three times as many.
  Cycles burst() {
    now_ += 16us;  // 2 M connections a second
    return choices_.is_mixed ? mixed() : in_step();
  }
  std::uint64_t packets_in() const { return in_; }
  std::uint64_t packets_out() const { return out_; }
  std::uint64_t time_waits() const { return host_.counters()[tcp::Counter::kTimeWaits]; }

 private:
  using Clients = std::array<Client, kBurst>;

  Cycles in_step() {
    Cycles cycles;
    Clients& clients = next_clients(groups_[kOpening]);
    for (const Stage stage : {kOpening, kAsking, kClosing}) {
      std::array<rte_mbuf*, kBurst> burst;
      for (std::uint32_t i = 0; i < kBurst; ++i) burst[i] = next_packet(clients[i], stage);
      cycles[stage] = run(burst);
    }
    return cycles;
  }
  // All cycles count as those of the last stage.
  Cycles mixed() {
    groups_[kClosing] = groups_[kAsking];
    groups_[kAsking] = groups_[kOpening];
    next_clients(groups_[kOpening]);
    std::vector<rte_mbuf*> packets;
    for (std::uint32_t i = 0; i < kBurst; ++i)
      for (const Stage stage : {kOpening, kAsking, kClosing})
        if (groups_[stage][i].port != 0) packets.push_back(next_packet(groups_[stage][i], stage));
    Cycles cycles{};
    for (std::size_t at = 0; at < packets.size(); at += kBurst)
      cycles[kClosing] += run(std::span{packets}.subspan(at, kBurst));
    return cycles;
  }
  Clients& next_clients(Clients& clients) {
    if (port_ == 0) {
      port_ = kFirstPort;
      ++address_;
    }
    for (Client& client : clients) {
      client.port = port_++;
      client.address = address_;
      client.snd = 0x1000U * client.port;
      client.echo = 0;
    }
    return clients;
  }
  rte_mbuf* next_packet(Client& client, Stage stage) {
    static constexpr std::array<std::uint8_t, kStages> kFlags{kSyn, kAck | kPsh, kAck | kFin};
    const std::uint32_t payload = stage == kAsking ? kRequest : 0;
    rte_mbuf* packet = compose(client, kFlags[stage], payload).release();
    client.snd += stage == kOpening ? 1 : payload;
    return packet;
  }
  std::uint64_t run(std::span<rte_mbuf*> burst) {
    in_ += burst.size();
    const std::uint64_t start = rte_rdtsc();
    host_work(burst);
    const std::uint64_t cycles = rte_rdtsc() - start;
    for (rte_mbuf* mbuf : sent_) read(Packet{mbuf});
    sent_.clear();
    return cycles;
  }
  [[gnu::noinline]] void host_work(std::span<rte_mbuf*> burst) {
    host_.on_burst(burst, now_);
    serve();
    host_.advance(now_);
    outbox_.flush();
  }

  // --- the application: one request, one answer ---
  void serve() {
    while (const auto event = host_.next_event()) {
      if (event->connection) {
        answer(event->connection);
      } else {
        while (const auto accepted = host_.accept(listener_)) answer(*accepted);
      }
    }
  }
  void answer(stack::ConnectionId id) {
    static constexpr std::array<std::uint8_t, kResponse> kAnswer{};
    if (!host_.receive(id)) return;
    host_.send_last(id, kAnswer);
    host_.close(id);
  }
  static void on_flush(void* context, std::span<rte_mbuf*> batch) {
    auto& self = *static_cast<Bench*>(context);
    for (rte_mbuf* mbuf : batch) {
      if (!self.choices_.has_offload) {
        Packet packet{mbuf};
        wire::finish_checksums(packet);
        static_cast<void>(packet.release());
      }
      self.sent_.push_back(mbuf);
    }
  }

  // --- the clients ---
  IpAddress address_of(const Client& client) const {
    if (!choices_.is_v6) return IpAddress::v4(be32{0xc612'0000 + client.address});
    std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8, 1};
    wire::store(bytes.data() + 12, be32{client.address});
    return IpAddress::v6(bytes.data());
  }
  TcpOptions options(const Client& client, bool is_syn) const {
    TcpOptions options;
    if (is_syn) options.mss = 1460;
    if (choices_.is_bare) return options;
    options.timestamps = Timestamps{.value = Tick::at(now_).value, .echo = client.echo};
    options.sack_permitted = is_syn;
    if (is_syn) options.window_scale = WindowScale{7};
    return options;
  }
  Packet compose(const Client& client, std::uint8_t flags, std::uint32_t payload) {
    Packet packet = packets_.allocate();
    if (!packet) std::abort();
    std::memset(packet.append(static_cast<std::uint16_t>(payload)), 'r', payload);
    const Segment segment{.seq = SeqNum{client.snd},
                          .ack = client.rcv,
                          .flags = flags,
                          .window = UnscaledWindow{65535},
                          .options = options(client, (flags & kSyn) != 0)};
    const wire::Path path{
        .source = address_of(client), .destination = server_, .source_port = client.port, .destination_port = kPort};
    if (!wire::write_tcp(packet, path, segment)) std::abort();
    wire::finish_checksums(packet);
    if (choices_.has_offload) packet.get()->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
    return packet;
  }
  void read(const Packet& packet) {
    const std::uint32_t ip = choices_.is_v6 ? sizeof(wire::Ipv6Header) : sizeof(wire::Ipv4Header);
    const auto tcp = wire::load<wire::TcpHeader>(packet.data().data() + ip);
    const std::uint16_t to = tcp.destination_port.value();
    Client& client = client_at(to);
    if ((tcp.flags & kRst) != 0) std::abort();
    const std::uint32_t controls = ((tcp.flags & kSyn) != 0 ? 1U : 0U) + ((tcp.flags & kFin) != 0 ? 1U : 0U);
    client.rcv = SeqNum{tcp.seq.value()} + (packet.length() - ip - tcp.length()) + controls;
    if (!choices_.is_bare) client.echo = wire::load<be32>(packet.data().data() + ip + timestamps_at(tcp)).value();
    ++out_;
  }
  Client& client_at(std::uint16_t port) {
    for (Clients& group : groups_)
      if (port >= group[0].port && port < group[0].port + kBurst) return group[port - group[0].port];
    std::abort();
  }
  // Of TSval: behind MSS, SACK-permitted and kind in a SYN-ACK, behind two NOPs and kind else.
  static std::uint32_t timestamps_at(const wire::TcpHeader& tcp) { return (tcp.flags & kSyn) != 0 ? 28 : 24; }

  Choices choices_;
  PacketPool packets_;
  Outbox outbox_;
  IpAddress server_;
  Instant now_{1'000'000s};
  stack::Host host_;
  stack::ListenerId listener_ = stack::kNoListener;
  std::array<Clients, kStages> groups_{};  // by what they do next; in step the first alone
  std::vector<rte_mbuf*> sent_;
  std::uint16_t port_ = kFirstPort;  // next; 0: all are used
  std::uint32_t address_ = 0;
  std::uint64_t in_ = 0, out_ = 0;
};

void start_eal(const Choices& choices) {
  const char* memory = choices.has_huge_pages ? "--in-memory" : "--no-huge";
  const char* words[] = {"bench", memory, "--no-pci",          "--no-shconf", "--no-telemetry",
                         "-m",    "64",   "--log-level=error", "--lcores",    "0@0"};
  if (rte_eal_init(static_cast<int>(std::size(words)), const_cast<char**>(words)) < 0) std::abort();
}

Choices read_choices(std::span<char*> words) {
  Choices choices;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    choices.is_mixed |= word == "--mixed";
    choices.is_bare |= word == "--bare";
    choices.has_offload |= word == "--offload";
    choices.is_v6 |= word == "--ipv6";
    choices.has_huge_pages |= word == "--huge";
    if (word == "--bursts" && i + 1 < words.size()) choices.bursts = static_cast<unsigned>(std::atoi(words[++i]));
  }
  return choices;
}

double each(std::uint64_t cycles) {
  return static_cast<double>(cycles) / kBurst;
}

// Of bursts, since a round is long enough for the machine to do something else meanwhile.
void print(const Bench& bench, std::vector<Cycles>& bursts) {
  std::sort(bursts.begin(), bursts.end(), [](const Cycles& a, const Cycles& b) { return total(a) < total(b); });
  const auto at = [&](unsigned percent) { return bursts[(bursts.size() - 1) * percent / 100]; };
  const Cycles median = at(50);
  std::printf("cycles per connection: median %.0f (SYN %.0f, request %.0f, FIN %.0f), 5 %% %.0f, 95 %% %.0f\n",
              each(total(median)), each(median[kOpening]), each(median[kAsking]), each(median[kClosing]),
              each(total(at(5))), each(total(at(95))));
  const auto connections = static_cast<double>(bench.time_waits());
  std::printf("%.0f connections; packets each: %.2f in, %.2f out\n", connections,
              static_cast<double>(bench.packets_in()) / connections,
              static_cast<double>(bench.packets_out()) / connections);
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  const weir::Choices choices = weir::read_choices({argv, static_cast<std::size_t>(argc)});
  weir::start_eal(choices);
  weir::Bench bench(choices);
  std::vector<weir::Cycles> bursts;
  for (unsigned i = 0; i < choices.bursts; ++i) bursts.push_back(bench.burst());
  weir::print(bench, bursts);
}
