#include "proxy_fixture.h"

#include <algorithm>

namespace weir::balance {
namespace {

constexpr const char* kBackends4[] = {"192.0.2.11", "192.0.2.12", "192.0.2.13"};
constexpr const char* kBackends6[] = {"2001:db8::11", "2001:db8::12", "2001:db8::13"};

}  // namespace

ProxyTest::ProxyTest(std::uint16_t workers) : simulation(std::make_unique<Simulation>(7)) {
  client = std::make_unique<Party>(simulation->add_host("client", {"192.0.2.1", "2001:db8::1"}));
  stack::HostConfig weir_config = testing::small_host(simulation->random().next());
  weir_config.steering.workers = workers;
  weir = &simulation->add_host("weir", {"192.0.2.80", "2001:db8::80", "192.0.2.90", "2001:db8::90"}, weir_config);
  for (std::size_t i = 0; i < kBackends; ++i) {
    backends[i] =
        std::make_unique<Party>(simulation->add_host("b" + std::to_string(i), {kBackends4[i], kBackends6[i]}));
  }
  balancer_config.sessions = 64;
  ServiceConfig& web = balancer_config.services.emplace_back();
  web.name = "web";
  web.listen = {service()};
  for (std::size_t i = 0; i < kBackends; ++i) web.backends.push_back({"b" + std::to_string(i), backend_address(i), 1});
  web.health.enabled = false;
  web.sources = {pick(GetParam().backend, "192.0.2.90", "2001:db8::90")};
  simulation->filter = [this](const std::string&, const IpHeader& ip, const Segment&) {
    for (std::size_t i = 0; i < kBackends; ++i) {
      if (silent_[i] && ip.destination == backend_address(i).address) return false;
    }
    return true;
  };
}

ProxyTest::~ProxyTest() = default;

IpAddress ProxyTest::pick(Family family, const char* v4, const char* v6) const {
  return IpAddress::parse(family == Family::kIpv4 ? v4 : v6).value();
}

Endpoint ProxyTest::service() const {
  return {pick(GetParam().client, "192.0.2.80", "2001:db8::80"), kServicePort};
}

Endpoint ProxyTest::backend_address(std::size_t backend) const {
  return {pick(GetParam().backend, kBackends4[backend], kBackends6[backend]), kBackendPort};
}

void ProxyTest::start() {
  board = std::make_unique<Board>(balancer_config, 1, simulation->now());
  proxy = std::make_unique<Proxy>(*board, 0, tcp::Settings{}, 1);
  proxy->start(weir->host());
  weir->on_turn = [this] { proxy->poll(weir->host()); };
  weir->next_deadline = [this] { return proxy->next_deadline(); };
}

void ProxyTest::serve(std::initializer_list<std::size_t> but_not) {
  for (std::size_t i = 0; i < kBackends; ++i) {
    if (std::ranges::find(but_not, i) == but_not.end()) backends[i]->listen(backend_address(i));
  }
}

void ProxyTest::silence(std::size_t backend, bool silent) {
  silent_[backend] = silent;
}

std::pair<Line*, Line*> ProxyTest::open() {
  const auto count = [this] { return opens_at(0) + opens_at(1) + opens_at(2); };
  const std::uint64_t before = count();
  Line& line = connect();
  run_until([&] { return count() > before && line.opened; }, 10s);
  return {&line, newest_at_back_ends()};
}

// The fixture's tests open one connection at a time: the newest is the one that has moved nothing yet.
Line* ProxyTest::newest_at_back_ends() {
  Line* newest = nullptr;
  for (const auto& backend : backends) {
    for (Line& line : backend->lines) {
      if (!line.closed) newest = &line;
    }
  }
  return newest;
}

void ProxyTest::run_until(const std::function<bool()>& done, Duration limit) {
  ASSERT_TRUE(simulation->run_until(done, limit)) << simulation->trace();
}

std::uint64_t ProxyTest::opens_at(std::size_t backend) const {
  return backends[backend]->lines.size();
}

void ProxyTest::expect_everything_given_back() {
  client->reset_all();
  for (const auto& backend : backends) backend->reset_all();
  simulation->advance(200s);
  EXPECT_EQ(proxy->open_sessions(), 0u);
  EXPECT_EQ(status().open, 0u);
  for (const BackendStatus& backend : status().backends) EXPECT_EQ(backend.open, 0u) << backend.name;
  for (SimHost* host : {&client->at(), weir, &backends[0]->at(), &backends[1]->at(), &backends[2]->at()}) {
    EXPECT_TRUE(host->is_pool_full()) << host->name() << ": packets were not given back\n" << simulation->trace();
    for (const auto& level : host->host().pools().levels) EXPECT_EQ(level.in_use, 0u) << host->name() << level.name;
  }
}

}  // namespace weir::balance
