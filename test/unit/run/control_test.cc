// What a process answers on its control socket.
#include <weir/run/control.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <weir/run/version.h>

#include "support/eal.h"

namespace weir::run {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr Instant kStart{100s};

void drop_all(void*, std::span<rte_mbuf*> batch) {
  for (rte_mbuf* packet : batch) rte_pktmbuf_free(packet);
}

class ControlTest : public ::testing::Test {
 protected:
  ControlTest() {
    local_ = *IpAddress::parse("192.0.2.1");
    host_.add_address(local_, 1500);
    subject_.program = "lb";
    subject_.name = "edge";
    subject_.started = kStart;
    subject_.now = [] { return kStart + 90s; };
    subject_.hosts = {&host_};
    subject_.workers = [] { return std::vector{busy_worker()}; };
    subject_.ports = [] { return std::vector{tap()}; };
    subject_.pools = [] { return stack::PoolLevels{{{"packets", 1024, 12}}}; };
    subject_.services = [] { return std::vector{web()}; };
    subject_.state = [] { return "running"; };
    subject_.reload = [this] { return reload_says_; };
    subject_.drain = [this] { ++drains_; };
    subject_.stop = [this] { ++stops_; };
  }
  ~ControlTest() override {
    host_.advance(kStart + 1s);
    outbox_.flush();
  }

  static WorkerStatus busy_worker() {
    WorkerStatus worker;
    worker.lcore = 3;
    worker.rx_packets = 7;
    return worker;
  }
  static PortStatus tap() {
    PortStatus port;
    port.device = "net_tap0";
    return port;
  }
  static load::ServerStatus echo() {
    load::ServerStatus server;
    server.kind = load::ServerKind::kEcho;
    return server;
  }
  static balance::ServiceStatus web() {
    balance::ServiceStatus service{.name = "web", .listen = {*Endpoint::parse("192.0.2.1:80")}};
    service.open = 3;
    service.backends = {{.name = "one", .address = *Endpoint::parse("192.0.2.11:80"), .weight = 2}};
    return service;
  }

  Json ask(const Json& request) { return Json::parse(answer(subject_, request.dump())); }
  void connect(const char* remote) {
    stack::ConnectionId id;
    ASSERT_EQ(host_.connect({.remote = *Endpoint::parse(remote), .local = local_}, id), stack::CallError::kNone);
    outbox_.flush();
  }
  static stack::HostConfig small() {
    stack::HostConfig config;
    config.connections = config.half_open = config.time_wait_v4 = config.time_wait_v6 = 64;
    return config;
  }

  test::TestPool packets_;
  Outbox outbox_{drop_all, nullptr};
  stack::Host host_{small(), outbox_, *packets_, kStart};
  IpAddress local_;
  ControlSubject subject_;
  int drains_ = 0, stops_ = 0;
  std::string reload_says_;
};

TEST_F(ControlTest, StatusTellsOfEveryPartOfTheProcess) {
  connect("192.0.2.11:80");
  const Json status = ask({{"command", "status"}});
  ASSERT_EQ(status["ok"], true) << status;
  EXPECT_EQ(status["program"], "lb");
  EXPECT_EQ(status["version"], version());
  EXPECT_EQ(status["uptime_s"], 90);
  EXPECT_EQ(status["states"]["SYN-SENT"], 1);
  EXPECT_EQ(status["states"]["ESTABLISHED"], 0);
  EXPECT_EQ(status["states"].size(), tcp::kStates);
  EXPECT_EQ(status["workers"][0]["lcore"], 3);
  EXPECT_EQ(status["workers"][0]["rx_packets"], 7);
  EXPECT_EQ(status["ports"][0]["device"], "net_tap0");
  EXPECT_EQ(status["pools"][0], (Json{{"name", "packets"}, {"capacity", 1024}, {"in_use", 12}}));
  EXPECT_EQ(status["counters"]["active_opens"], 1);
  EXPECT_EQ(status["counters"].size(), tcp::kCounters);
}

TEST_F(ControlTest, StatusTellsHowEachListenerStandsTowardsFloods) {
  stack::ListenerId id = stack::kNoListener;
  ASSERT_EQ(host_.listen({.address = local_, .port = 80}, id), stack::CallError::kNone);
  ASSERT_EQ(
      host_.listen(
          {.address = local_, .port = 81, .settings = tcp::Settings{.syn_cookies = tcp::SynCookieUse::kAlways}}, id),
      stack::CallError::kNone);
  const Json listeners = ask({{"command", "status"}})["listeners"];
  ASSERT_EQ(listeners.size(), 2U);
  EXPECT_EQ(listeners[0]["listen"], "192.0.2.1:80");
  EXPECT_EQ(listeners[0]["syn_cookies"], "auto");
  EXPECT_EQ(listeners[0]["state"], "quiet");
  EXPECT_EQ(listeners[0]["reason"], "calm");
  EXPECT_EQ(listeners[0]["since_s"], 90);
  EXPECT_EQ(listeners[0]["syns_per_s"], 0);
  EXPECT_EQ(listeners[0]["syns"], 0);
  EXPECT_EQ(listeners[0]["cookies_refused"], (Json{{"syn_cookie_wrong", 0}, {"syn_cookie_spent", 0}}));
  EXPECT_EQ(listeners[0]["top_sources"], Json::array());
  EXPECT_EQ(listeners[1]["state"], "attacked");
  EXPECT_EQ(listeners[1]["reason"], "configured");
  host_.stop_listening(id);
  EXPECT_EQ(ask({{"command", "status"}})["listeners"].size(), 1U);
}

TEST_F(ControlTest, StatusTellsWhomLimitsRefused) {
  EXPECT_EQ(ask({{"command", "status"}})["limits"][0]["open"], 0) << "no limits at all";
  stack::HostConfig config = small();
  config.limit_groups = 1;
  config.limits = {{.connections = 1}};
  config.limited_sources = 16;
  stack::Host limited{config, outbox_, *packets_, kStart};
  subject_.hosts = {&limited, &limited};
  const Json limits = ask({{"command", "status"}})["limits"];
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_EQ(limits[0]["name"], "web");
  EXPECT_EQ(limits[0]["refused"].size(), stack::kLimitReasons.size());
  EXPECT_EQ(limits[0]["refused"]["connection_limit"], 0);
  EXPECT_EQ(limits[0]["in_force"], (Json{{"connections", 1}, {"beyond", "drop"}}));
}

TEST_F(ControlTest, StatusTellsTheLimitsThatAreInForceNow) {
  stack::HostConfig config = small();
  config.limit_groups = 1;
  config.limited_sources = 16;
  stack::Host limited{config, outbox_, *packets_, kStart};
  subject_.hosts = {&limited, &limited};
  const auto in_force = [this] { return ask({{"command", "status"}})["limits"][0]["in_force"]; };
  EXPECT_EQ(in_force(), Json::object());
  const stack::Limits limits{
      .connections_per_second = 9,
      .source_connections = 8,
      .source_connections_per_second = 7,
      .source_prefix_v4 = 24,
      .resets = true,
      .list = std::make_shared<PrefixList>(std::vector<ListedPrefix>{{*Prefix::parse("192.0.2.0/24"), false}})};
  limited.change_limits(std::span{&limits, 1});
  EXPECT_EQ(in_force(), (Json{{"connections_per_second", 9},
                              {"source_connections", 8},
                              {"source_connections_per_second", 7},
                              {"source_prefix_v4", 24},
                              {"source_prefix_v6", 64},
                              {"listed_prefixes", 1},
                              {"beyond", "reset"}}));
  const std::string text = ask({{"command", "metrics"}})["metrics"];
  EXPECT_THAT(text, ::testing::HasSubstr("weir_limits_source_connections{service=\"web\"} 8\n"));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("weir_limits_connections{")));
}

TEST_F(ControlTest, MetricsAreTheFiguresOfStatus) {
  connect("192.0.2.11:80");
  stack::ListenerId id = stack::kNoListener;
  ASSERT_EQ(host_.listen({.address = local_, .port = 80}, id), stack::CallError::kNone);
  subject_.name = "a \"b\"\\";
  const std::string text = ask({{"command", "metrics"}})["metrics"];
  for (const char* line :
       {"weir_uptime_seconds 90.0\n", "weir_connections{state=\"SYN-SENT\"} 1\n",
        "weir_tcp_events_total{event=\"active_opens\"} 1\n", "weir_dropped_packets_total{reason=\"source_denied\"} 0\n",
        "weir_worker_received_packets_total{worker=\"0\"} 7\n", "weir_pool_capacity{pool=\"packets\"} 1024\n",
        "weir_port_link_up{device=\"net_tap0\"} 0\n", "# TYPE weir_limits_refused_total counter\n",
        "weir_listener_state{listen=\"192.0.2.1:80\",state=\"quiet\"} 1\n",
        "weir_listener_state{listen=\"192.0.2.1:80\",state=\"attacked\"} 0\n",
        "weir_listener_info{listen=\"192.0.2.1:80\",syn_cookies=\"auto\",reason=\"calm\"} 1\n",
        "weir_listener_cookies_refused_total{listen=\"192.0.2.1:80\",reason=\"syn_cookie_wrong\"} 0\n",
        "name=\"a \\\"b\\\"\\\\\""})
    EXPECT_THAT(text, ::testing::HasSubstr(line));
}

TEST_F(ControlTest, ReloadIsDoneOrSaysWhatIsWrong) {
  EXPECT_EQ(ask({{"command", "reload"}}), (Json{{"ok", true}, {"state", "reloaded"}}));
  reload_says_ = "the file holds the secrets that are in force; rotate them first";
  EXPECT_EQ(ask({{"command", "reload"}}), (Json{{"ok", false}, {"error", reload_says_}}));
}

TEST_F(ControlTest, PoolsOfWorkersAreSummed) {
  subject_.hosts = {&host_, &host_};
  const Json status = ask({{"command", "status"}});
  const auto of_connections = [](const Json& pool) { return pool["name"] == "connections"; };
  const auto pool = std::ranges::find_if(status["pools"], of_connections);
  ASSERT_NE(pool, status["pools"].end());
  EXPECT_EQ((*pool)["capacity"], 128);
}

TEST_F(ControlTest, DropsAreThoseThatHappenedOrAll) {
  EXPECT_EQ(ask({{"command", "drops"}})["drops"], Json::object());
  EXPECT_EQ(ask({{"command", "drops"}, {"all", true}})["drops"].size(), stack::kDropReasons);
}

TEST_F(ControlTest, ServicesHaveTheirBackEnds) {
  const Json services = ask({{"command", "services"}})["services"];
  ASSERT_EQ(services.size(), 1u);
  EXPECT_EQ(services[0]["listen"], Json({"192.0.2.1:80"}));
  EXPECT_EQ(services[0]["open"], 3);
  EXPECT_EQ(services[0]["backends"][0]["address"], "192.0.2.11:80");
  EXPECT_EQ(services[0]["backends"][0]["healthy"], true);
}

TEST_F(ControlTest, AServerShowsItsServers) {
  subject_.services = {};
  subject_.servers = [] { return std::vector{echo()}; };
  EXPECT_EQ(ask({{"command", "services"}})["servers"][0]["kind"], "echo");
}

TEST_F(ControlTest, ConnectionsAreListedPageByPage) {
  for (int i = 0; i < 20; ++i) connect("192.0.2.11:80");
  Json request{{"command", "connections"}, {"count", 3}};
  std::size_t listed = 0, pages = 0;
  for (Json page = ask(request);; page = ask(request)) {
    listed += page["connections"].size();
    ASSERT_LT(++pages, 100u);
    if (!page.contains("next")) break;
    request.update(page["next"]);
  }
  EXPECT_EQ(listed, 20u);
  EXPECT_GT(pages, 2u);
}

TEST_F(ControlTest, ConnectionsAreFilteredByStateAndService) {
  connect("192.0.2.11:80");
  connect("192.0.2.12:80");
  EXPECT_EQ(ask({{"command", "connections"}, {"state", "SYN-SENT"}})["connections"].size(), 2u);
  EXPECT_EQ(ask({{"command", "connections"}, {"state", "established"}})["connections"].size(), 0u);
  const Json of_web = ask({{"command", "connections"}, {"service", "web"}})["connections"];
  ASSERT_EQ(of_web.size(), 1u);
  EXPECT_EQ(of_web[0]["remote"], "192.0.2.11:80");
}

TEST_F(ControlTest, ConnectionsOfAllStatesAreListedWhenAskedFor) {
  connect("192.0.2.11:80");
  EXPECT_EQ(ask({{"command", "connections"}, {"all", true}})["connections"].size(), 1u);
  EXPECT_EQ(ask({{"command", "connections"}, {"state", "TIME-WAIT"}})["connections"].size(), 0u);
  EXPECT_EQ(ask({{"command", "connections"}, {"state", "SYN-RECEIVED"}, {"all", true}})["connections"].size(), 0u);
}

TEST_F(ControlTest, DrainAndStopReachTheProcess) {
  EXPECT_EQ(ask({{"command", "drain"}}), (Json{{"ok", true}, {"state", "draining"}}));
  EXPECT_EQ(ask({{"command", "stop"}}), (Json{{"ok", true}, {"state", "stopping"}}));
  EXPECT_EQ(drains_, 1);
  EXPECT_EQ(stops_, 1);
}

struct Bad {
  const char* request;
  const char* error;
};

TEST_F(ControlTest, BadRequestsAreAnsweredWithWhatIsWrong) {
  const Bad all[] = {
      {"", "a request is a JSON object"},
      {"status", "a request is a JSON object"},
      {"[1]", "a request is a JSON object"},
      {"{\"command\": \"dance\"}", "known are status, services, connections, drops, metrics, reload, drain, stop"},
      {"{\"command\": 7}", "\"command\" has the wrong type"},
      {"{\"command\": \"drops\", \"all\": \"yes\"}", "\"all\" has the wrong type"},
      {"{\"command\": \"services\", \"service\": \"mail\"}", "there is no service \"mail\"; there are web"},
      {"{\"command\": \"connections\", \"state\": \"OPEN\"}", "\"OPEN\" is no state; states are CLOSED, LISTEN"},
      {"{\"command\": \"connections\", \"cursor\": {}}", "\"cursor\" has the wrong type"},
      {"\xff\xfe{", "a request is a JSON object"},
  };
  for (const Bad& bad : all) {
    const Json reply = Json::parse(answer(subject_, bad.request));
    EXPECT_EQ(reply["ok"], false);
    EXPECT_THAT(reply["error"].get<std::string>(), ::testing::HasSubstr(bad.error)) << bad.request;
  }
}

}  // namespace
}  // namespace weir::run
