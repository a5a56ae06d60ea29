#include "generator_fixture.h"

namespace weir::load {

GeneratorTest::GeneratorTest() : simulation(std::make_unique<Simulation>(6)) {
  simulation->link.delay = 1ms;
  client = &simulation->add_host("client", {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"});
  target = &simulation->add_host("target", {"192.0.2.80", "2001:db8::80"});
  const bool is_v4 = GetParam() == Family::kIpv4;
  config.targets = {{IpAddress::parse(is_v4 ? "192.0.2.80" : "2001:db8::80").value(), kPort}};
  for (const char* source : {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"})
    config.sources.push_back(IpAddress::parse(source).value());
  config.request = get(false);
  config.open_max = 8;
  config.timeout = std::chrono::milliseconds{2000};
}

GeneratorTest::~GeneratorTest() = default;

void GeneratorTest::serve(std::uint64_t body_bytes, ServerKind kind) {
  ServeConfig serve;
  serve.sessions = 64;
  ServerConfig& only = serve.servers.emplace_back();
  only.name = "only";
  only.kind = kind;
  only.body_bytes = body_bytes;
  only.listen = config.targets;
  server_board = std::make_unique<Board>(serve, 1);
  server = std::make_unique<Server>(*server_board, 0, tcp::Settings{});
  server->start(target->host());
  target->on_turn = [this] { server->poll(target->host()); };
  target->next_deadline = [this] { return server->next_deadline(); };
}

Party& GeneratorTest::misbehave() {
  party = std::make_unique<Party>(*target);
  party->listen(config.targets[0]);
  return *party;
}

void GeneratorTest::begin(double rate) {
  config.rate = rate;
  board = std::make_unique<GeneratorBoard>(config, 1);
  generator = std::make_unique<Generator>(*board, 0, 1);
  client->tick();
  generator->start(client->host());
  client->on_turn = [this] { generator->poll(client->host()); };
  client->next_deadline = [this] { return generator->next_deadline(); };
  board->order(client->now(), rate, config.ramp_up);
  generator->poll(client->host());
  simulation->settle();
}

void GeneratorTest::run_until(const std::function<bool()>& done, Duration limit) {
  ASSERT_TRUE(simulation->run_until(done, limit)) << simulation->trace();
}

void GeneratorTest::expect_everything_given_back() {
  generator->drain(client->host());
  generator->poll(client->host());
  simulation->advance(10s);
  EXPECT_TRUE(generator->is_drained()) << totals().open;
  EXPECT_EQ(totals().open, 0u);
  if (party) party->reset_all();
  if (server) server->stop(target->host());
  simulation->advance(200s);
  for (SimHost* host : {client, target}) {
    EXPECT_TRUE(host->is_pool_full()) << host->name() << "\n" << simulation->trace();
    for (const auto& level : host->host().pools().levels) EXPECT_EQ(level.in_use, 0u) << host->name() << level.name;
  }
}

}  // namespace weir::load
