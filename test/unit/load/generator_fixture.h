// The load generator on a simulated host, and what it is pointed at: a server of ours, or a peer that misbehaves.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <weir/load/generator.h>
#include <weir/load/server.h>

#include "support/party.h"

namespace weir::load {

using testing::Line;
using testing::Party;
using testing::SimHost;
using testing::Simulation;

class GeneratorTest : public ::testing::TestWithParam<Family> {
 protected:
  static constexpr std::uint16_t kPort = 80;

  GeneratorTest();
  ~GeneratorTest() override;

  // Give the target something to be, before begin().
  void serve(std::uint64_t body_bytes = 100, ServerKind kind = ServerKind::kHttp);
  Party& misbehave();  // accepts, and does as its `accepted` says

  void begin(double rate);
  GeneratorTotals totals() const { return board->totals(); }
  std::uint64_t failed(Failure failure) const { return totals().failed[static_cast<std::size_t>(failure)]; }
  std::uint64_t sent(tcp::Counter counter) const { return client->host().counters()[counter]; }
  void run_until(const std::function<bool()>& done, Duration limit = 60s);
  // Drains, lets TIME-WAIT pass, and looks into every pool.
  void expect_everything_given_back();
  static std::string get(bool keep_alive) {
    return std::string("GET / HTTP/1.1\r\nHost: a\r\n") + (keep_alive ? "" : "Connection: close\r\n") + "\r\n";
  }

  std::unique_ptr<Simulation> simulation;
  SimHost* client = nullptr;
  SimHost* target = nullptr;
  GeneratorConfig config;
  std::unique_ptr<GeneratorBoard> board;
  std::unique_ptr<Generator> generator;
  std::unique_ptr<Board> server_board;
  std::unique_ptr<Server> server;
  std::unique_ptr<Party> party;
};

}  // namespace weir::load
