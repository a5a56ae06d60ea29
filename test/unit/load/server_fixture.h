// A client and a host that serves, on a simulated network in virtual time. Every test ends by showing that all pools
// are full again.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include <weir/load/server.h>

#include "support/party.h"

namespace weir::load {

using testing::Line;
using testing::Party;
using testing::SimHost;
using testing::Simulation;
using testing::text_pattern;

class ServerTest : public ::testing::TestWithParam<Family> {
 protected:
  ServerTest();
  ~ServerTest() override;

  ServerConfig& config() { return serve_config.servers[0]; }
  void start(ServerKind kind);
  Line& connect();
  // Opens a connection, sends `request` and closes; what came until the server closed as well.
  std::string answer_to(const std::string& request);
  ServerStatus status() const { return board->snapshot()[0]; }
  void run_until(const std::function<bool()>& done, Duration limit = 60s);
  void expect_everything_given_back();

  std::unique_ptr<Simulation> simulation;
  std::unique_ptr<Party> client;
  SimHost* weir = nullptr;
  ServeConfig serve_config;
  std::unique_ptr<Board> board;
  std::unique_ptr<Server> server;
};

// What fill_numbered_lines() makes.
std::string numbered_lines(std::size_t bytes);

}  // namespace weir::load
