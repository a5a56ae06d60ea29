// A client, a balancer and three back ends on a simulated network in virtual time. Every test ends by showing that all
// pools are full again.
#pragma once

#include <tuple>

#include <gtest/gtest.h>

#include <weir/balance/proxy.h>

#include "support/party.h"

namespace weir::balance {

using testing::Line;
using testing::LinkSettings;
using testing::Party;
using testing::SimHost;
using testing::Simulation;
using testing::text_pattern;

struct Families {
  Family client, backend;
};

class ProxyTest : public ::testing::TestWithParam<Families> {
 protected:
  static constexpr std::size_t kBackends = 3;
  static constexpr std::uint16_t kServicePort = 80;
  static constexpr std::uint16_t kBackendPort = 8080;

  // One of so many: its share of the source ports is the smaller.
  explicit ProxyTest(std::uint16_t workers = 1);
  ~ProxyTest() override;

  // Tests change config() before start().
  ServiceConfig& config() { return balancer_config.services[0]; }
  void start();
  // The back ends listen, but for those named; those are answered with resets.
  void serve(std::initializer_list<std::size_t> but_not = {});
  // Packets to this back end are lost from now on, or no longer.
  void silence(std::size_t backend, bool silent = true);

  Endpoint service() const;
  Endpoint backend_address(std::size_t backend) const;
  Line& connect() { return client->connect(service()); }
  // A client's connection and its back end's, open.
  std::pair<Line*, Line*> open();
  Line* newest_at_back_ends();
  ServiceStatus status() const { return board->snapshot()[0]; }
  // Runs until `done`; prints the last packets when it never is.
  void run_until(const std::function<bool()>& done, Duration limit = 60s);
  std::uint64_t opens_at(std::size_t backend) const;

  // Lets go of what the parties hold, lets time pass and looks into every pool.
  void expect_everything_given_back();

  std::unique_ptr<Simulation> simulation;
  std::unique_ptr<Party> client;
  std::array<std::unique_ptr<Party>, kBackends> backends;
  SimHost* weir = nullptr;
  BalancerConfig balancer_config;
  std::unique_ptr<Board> board;
  std::unique_ptr<Proxy> proxy;

 private:
  IpAddress pick(Family family, const char* v4, const char* v6) const;
  std::array<bool, kBackends> silent_{};
};

}  // namespace weir::balance
