#include "server_fixture.h"

#include <cstdio>

namespace weir::load {

ServerTest::ServerTest() : simulation(std::make_unique<Simulation>(5)) {
  client = std::make_unique<Party>(simulation->add_host("client", {"192.0.2.1", "2001:db8::1"}));
  weir = &simulation->add_host("weir", {"192.0.2.80", "2001:db8::80"});
  serve_config.sessions = 16;
  ServerConfig& only = serve_config.servers.emplace_back();
  only.name = "only";
  only.body_bytes = 20;
  only.largest_body = 100'000'000;
  only.listen = {{IpAddress::parse(GetParam() == Family::kIpv4 ? "192.0.2.80" : "2001:db8::80").value(), 80}};
}

ServerTest::~ServerTest() = default;

void ServerTest::start(ServerKind kind) {
  config().kind = kind;
  board = std::make_unique<Board>(serve_config, 1);
  server = std::make_unique<Server>(*board, 0, tcp::Settings{});
  server->start(weir->host());
  weir->on_turn = [this] { server->poll(weir->host()); };
  weir->next_deadline = [this] { return server->next_deadline(); };
}

Line& ServerTest::connect() {
  return client->connect(config().listen[0]);
}

std::string ServerTest::answer_to(const std::string& request) {
  Line& line = connect();
  line.to_send = request;
  line.ends_when_sent = true;
  run_until([&] { return line.saw_end; });
  return line.received;
}

void ServerTest::run_until(const std::function<bool()>& done, Duration limit) {
  ASSERT_TRUE(simulation->run_until(done, limit)) << simulation->trace();
}

void ServerTest::expect_everything_given_back() {
  client->reset_all();
  simulation->advance(200s);
  EXPECT_EQ(server->open_sessions(), 0u);
  EXPECT_EQ(status().open, 0u);
  for (SimHost* host : {&client->at(), weir}) {
    EXPECT_TRUE(host->is_pool_full()) << host->name() << ": packets were not given back\n" << simulation->trace();
    for (const auto& level : host->host().pools().levels) EXPECT_EQ(level.in_use, 0u) << host->name() << level.name;
  }
}

std::string numbered_lines(std::size_t bytes) {
  std::string result;
  for (unsigned i = 0; result.size() < bytes; ++i) {
    char line[9];
    std::snprintf(line, sizeof line, "%07x\n", i & 0xfffffff);
    result += line;
  }
  return result.substr(0, bytes);
}

}  // namespace weir::load
