#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fake_machine.h"

namespace weir::doctor {
namespace {

using testing::HasSubstr;

// A port that DPDK opened.
struct ProbedPort : testing::Test {
  FakeMachine machine;
  Facts facts = gather(machine.machine(), config_for(kNic, 2));
  nic::Probe& probe = facts.nics[0].probe.emplace();

  ProbedPort() {
    probe.driver = "net_ice";
    probe.queues_max = 64;
    probe.link = {true, 100000};
    probe.offloads = {true, true, true, true, true, true, true};
    probe.rss.predicted = true;
    probe.rss_key_settable = true;
    probe.rss.reta_size = 512;
  }
  Judgement judge(const std::string& check) const { return find(examine(facts), check); }
};

TEST_F(ProbedPort, AllIsWellWhereTheDeviceDoesItAll) {
  EXPECT_EQ(worst(examine(facts)), Verdict::kOk) << to_text(examine(facts));
}

TEST_F(ProbedPort, WhatTheDeviceLacks) {
  probe.offloads.tx_tcp_checksum = false;
  EXPECT_EQ(judge("nic.checksums").text, "in software: leaving TCP");
  probe.rss.predicted = false;
  probe.rss.reason = "key not readable";
  EXPECT_THAT(judge("nic.rss").text, HasSubstr("key not readable"));
  probe.queues_max = 1;
  EXPECT_EQ(judge("nic.queues").verdict, Verdict::kDoesNotWork);
  probe.link = {};
  EXPECT_EQ(judge("nic.link").verdict, Verdict::kDoesNotWork);
}

TEST_F(ProbedPort, ThatDoesNotOpen) {
  facts.nics[0].probe.reset();
  facts.nics[0].probe_error = "busy";
  EXPECT_EQ(judge("nic.opens").verdict, Verdict::kDoesNotWork);
  EXPECT_EQ(judge("nic.opens").text, "busy");
}

TEST(Report, TextAndJsonSayTheSame) {
  const std::vector<Finding> findings{{"a.b", "Things", "machine", {Verdict::kOk, "fine", ""}},
                                      {"c.d", "Others", "eth1", {Verdict::kDoesNotWork, "gone", "fetch it"}}};
  EXPECT_EQ(to_text(findings),
            "machine\n"
            "  ok             Things             fine\n"
            "\neth1\n"
            "  does not work  Others             gone\n"
            "                                    > fetch it\n"
            "\n1 ok, 0 cost speed, 1 do not work\n");
  const auto json = nlohmann::json::parse(to_json(findings));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["verdict"], "does not work");
  EXPECT_EQ(json["counts"]["costs speed"], 0);
  EXPECT_TRUE(json["findings"][0]["command"].is_null());
  EXPECT_EQ(json["findings"][1]["command"], "fetch it");
  EXPECT_EQ(json["findings"][1]["check"], "c.d");
}

}  // namespace
}  // namespace weir::doctor
