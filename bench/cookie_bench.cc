// SYN cookies: what making and checking one costs by itself, and a whole SYN flood against a listener: bursts of SYNs
// from random addresses in, SYN-ACKs out, checksums verified and computed here unless "offload". What is measured is
// the host's work alone, packets taken from the pool and given back included.
#include <array>
#include <chrono>

#include <benchmark/benchmark.h>
#include <rte_eal.h>

#include <weir/stack/host.h>
#include <weir/tcp/syn_cookie.h>
#include <weir/wire/build.h>
#include <weir/wire/headers.h>

namespace weir {
namespace {

constexpr Instant kNow{1'000'000s};

tcp::CookieFlow flow_of(Family family) {
  const bool is_v4 = family == Family::kIpv4;
  return {.remote = IpAddress::parse(is_v4 ? "192.0.2.1" : "2001:db8::1").value(),
          .local = IpAddress::parse(is_v4 ? "192.0.2.2" : "2001:db8::2").value(),
          .remote_port = 1024,
          .local_port = 80};
}

void make(benchmark::State& state, Family family) {
  tcp::SynCookies cookies{{.making = {1, 2}}};
  const tcp::CookieOptions options{.mss = 1460, .window_scale = WindowScale{7}, .sack = true, .timestamps = true};
  tcp::CookieFlow flow = flow_of(family);
  SeqNum irs{1};
  for (auto _ : state) {
    benchmark::DoNotOptimize(cookies.make(flow, irs, options, kNow));
    irs += 1;
    ++flow.remote_port;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(make, ipv4, Family::kIpv4);
BENCHMARK_CAPTURE(make, ipv6, Family::kIpv6);

// Guesses: an ACK flood.
void check(benchmark::State& state, Family family) {
  tcp::SynCookies cookies{{.making = {1, 2}}};
  const tcp::CookieFlow flow = flow_of(family);
  SeqNum irs{1};
  std::uint64_t hits = 0;
  for (auto _ : state) {
    hits += cookies.check(flow, SeqNum{irs.value() * 0x9e37'79b1U}, irs, {}, kNow).has_value();
    irs += 1;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["hits"] = static_cast<double>(hits);
}
BENCHMARK_CAPTURE(check, ipv4, Family::kIpv4);
BENCHMARK_CAPTURE(check, ipv6, Family::kIpv6);

class Flood {
 public:
  static constexpr std::uint32_t kBurst = 32;

  Flood(Family family, bool offload)
      : is_v4_(family == Family::kIpv4),
        offload_(offload),
        packets_("flood", 4095),
        outbox_(&Flood::on_flush, this),
        server_(flow_of(family).local),
        host_(configuration(), outbox_, packets_, kNow) {
    host_.add_address(server_, 1500);
    stack::ListenerId listener;
    const tcp::Settings settings{.syn_cookies = tcp::SynCookieUse::kAlways};
    if (host_.listen({.address = server_, .port = 80, .settings = settings}, listener) != stack::CallError::kNone)
      std::abort();
  }
  // Seconds for kBurst SYNs.
  double burst() {
    std::array<rte_mbuf*, kBurst> syns;
    for (rte_mbuf*& syn : syns) syn = compose().release();
    const auto start = std::chrono::steady_clock::now();
    host_.on_burst(syns, kNow);
    outbox_.flush();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  // Packets and entries of tables that are in use after all of it.
  std::uint64_t held() const {
    std::uint64_t sum = packets_.capacity() - packets_.available();
    for (const auto& level : host_.pools().levels) sum += level.in_use;
    return sum;
  }
  std::uint64_t cookies() const { return host_.counters()[tcp::Counter::kSynCookiesSent]; }

 private:
  static stack::HostConfig configuration() {
    stack::HostConfig config;
    config.flow_secret = {1, 2};
    config.cookie_secrets.making = {5, 6};
    return config;
  }
  static void on_flush(void* context, std::span<rte_mbuf*> batch) {
    const bool offload = static_cast<Flood*>(context)->offload_;
    for (rte_mbuf*& mbuf : batch) {
      Packet packet{mbuf};
      if (!offload) wire::finish_checksums(packet);
      mbuf = packet.release();
    }
    PacketPool::free(batch);
  }
  IpAddress client() {
    const auto word = static_cast<std::uint32_t>(random_.next());
    if (is_v4_) return IpAddress::v4(be32{0x0a00'0000 | (word & 0xff'ffff)});
    std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
    wire::store(bytes.data() + 12, be32{word});
    return IpAddress::v6(bytes.data());
  }
  Packet compose() {
    Packet packet = packets_.allocate();
    if (!packet) std::abort();
    Segment syn{
        .seq = SeqNum{static_cast<std::uint32_t>(random_.next())}, .flags = kSyn, .window = UnscaledWindow{65535}};
    syn.options.mss = 1460;
    syn.options.sack_permitted = true;
    syn.options.window_scale = WindowScale{7};
    syn.options.timestamps = Timestamps{1, 0};
    const auto port = static_cast<std::uint16_t>(1024 + random_.below(60'000));
    if (!wire::write_tcp(
            packet, {.source = client(), .destination = server_, .source_port = port, .destination_port = 80}, syn))
      std::abort();
    wire::finish_checksums(packet);
    if (offload_) packet.get()->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
    return packet;
  }

  bool is_v4_, offload_;
  PacketPool packets_;
  Outbox outbox_;
  IpAddress server_;
  stack::Host host_;
  Random random_{1};
};

void syn_to_syn_ack(benchmark::State& state, Family family, bool offload) {
  Flood flood{family, offload};
  for (auto _ : state) state.SetIterationTime(flood.burst());
  const std::uint64_t syns = state.iterations() * std::uint64_t{Flood::kBurst};
  if (flood.cookies() != syns) state.SkipWithError("SYNs without a cookie");
  state.SetItemsProcessed(static_cast<std::int64_t>(syns));
  state.counters["held"] = static_cast<double>(flood.held());
}
BENCHMARK_CAPTURE(syn_to_syn_ack, ipv4, Family::kIpv4, false)->UseManualTime();
BENCHMARK_CAPTURE(syn_to_syn_ack, ipv6, Family::kIpv6, false)->UseManualTime();
BENCHMARK_CAPTURE(syn_to_syn_ack, ipv4_offload, Family::kIpv4, true)->UseManualTime();
BENCHMARK_CAPTURE(syn_to_syn_ack, ipv6_offload, Family::kIpv6, true)->UseManualTime();

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  const char* words[] = {"bench", "--no-huge", "--no-pci",          "--no-shconf", "--no-telemetry",
                         "-m",    "512",       "--log-level=error", "--lcores",    "0@0"};
  if (rte_eal_init(static_cast<int>(std::size(words)), const_cast<char**>(words)) < 0) return 1;
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
