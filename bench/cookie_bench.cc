// SYN cookies: what making and checking one costs by itself.
#include <benchmark/benchmark.h>

#include <weir/tcp/syn_cookie.h>

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

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
