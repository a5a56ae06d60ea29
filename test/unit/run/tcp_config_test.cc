// [tcp]: every key takes both ends of its range and nothing beyond, and reaches the setting it names.
#include <weir/run/config.h>

#include <gtest/gtest.h>

#include <weir/tcp/setting_fields.h>

#include "small_configs.h"

namespace weir::run {
namespace {

using tcp::SettingField;
using tcp::SettingKind;
using tcp::Settings;

Settings read(const std::string& key, const std::string& value) {
  return parse_lb_config(std::string(kSmallestLb) + "[tcp]\n" + key + " = " + value + "\n", "f.toml").process.tcp;
}
std::string complaint(const std::string& key, const std::string& value) {
  try {
    read(key, value);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no complaint";
}

// Numbers alone; what one says of another (an order of timers) is judged elsewhere.
bool is_taken(const SettingField& field, std::int64_t value) {
  const std::string said = complaint(std::string(field.key), std::to_string(value));
  return said == "no complaint" || said.find(" is above ") != std::string::npos ||
         said.find(" is below ") != std::string::npos;
}

TEST(TcpConfig, EveryNumberTakesItsRangeAndNothingBeyond) {
  for (const SettingField& field : tcp::setting_fields()) {
    if (field.kind == SettingKind::kFlag || field.kind == SettingKind::kChoice) continue;
    EXPECT_TRUE(is_taken(field, field.least)) << field.key;
    EXPECT_TRUE(is_taken(field, field.most)) << field.key;
    for (const std::int64_t bad : {field.least - 1, field.most + 1}) {
      const std::string said = complaint(std::string(field.key), std::to_string(bad));
      EXPECT_EQ(said.find("f.toml:11: tcp." + std::string(field.key) + ": "), 0U) << said;
    }
  }
}

TEST(TcpConfig, EverySwitchIsOnOrOff) {
  for (const SettingField& field : tcp::setting_fields()) {
    if (field.kind != SettingKind::kFlag) continue;
    const std::string key(field.key);
    EXPECT_EQ(field.get(read(key, "false")), 0) << key;
    EXPECT_EQ(field.get(read(key, "true")), 1) << key;
    EXPECT_NE(complaint(key, "1").find("write true or false"), std::string::npos) << key;
  }
}

TEST(TcpConfig, AListenerIsCautiousBeforeItIsAttacked) {
  EXPECT_EQ(complaint("syn_attacked_percent", "11")
                .find("f.toml:11: tcp.syn_attacked_percent: syn_cautious_percent (12) "
                      "is above syn_attacked_percent (11); "),
            0U);
  EXPECT_EQ(complaint("syn_attacked_percent", "12"), "no complaint");
  EXPECT_NE(complaint("syn_cautious_percent", "51").find("tcp.syn_cautious_percent: "), std::string::npos);
}

TEST(TcpConfig, ADefenceThatBeginsAtNothingIsRefused) {
  for (const char* key : {"syn_cautious_percent", "syn_attacked_percent", "syn_failed_percent", "syn_rate"})
    EXPECT_NE(complaint(key, "0"), "no complaint") << key;
}

TEST(TcpConfig, SynCookiesAreOffAutoAlwaysOrDryRun) {
  for (const char* use : {"off", "auto", "always", "dry-run"})
    EXPECT_STREQ(to_string(read("syn_cookies", "\"" + std::string(use) + "\"").syn_cookies), use);
  EXPECT_NE(complaint("syn_cookies", "\"on\""), "no complaint");
}

TEST(OwnTcp, OfAServiceGoesBeforeTheProcess) {
  const LbConfig config = parse_lb_config(
      std::string(kSmallestLb) + "[service.tcp]\nquick_acks = 4\n[tcp]\nttl = 9\nquick_acks = 2\n", "f.toml");
  EXPECT_EQ(config.process.tcp.quick_acks, 2);
  ASSERT_TRUE(config.balancer.services[0].tcp);
  EXPECT_EQ(config.balancer.services[0].tcp->quick_acks, 4);
  EXPECT_EQ(config.balancer.services[0].tcp->ttl, 9) << "what it does not say is the process's";
}

TEST(OwnTcp, OfAServerGoesBeforeTheProcess) {
  const ServeConfig config =
      parse_serve_config(std::string(kSmallestServe) + "[server.tcp]\nkeepalive = true\n", "f.toml");
  EXPECT_FALSE(config.process.tcp.keepalive);
  ASSERT_TRUE(config.serve.servers[0].tcp);
  EXPECT_TRUE(config.serve.servers[0].tcp->keepalive);
}

TEST(OwnTcp, IsTheProcessesWhereNothingIsSaid) {
  EXPECT_FALSE(parse_lb_config(kSmallestLb, "f.toml").balancer.services[0].tcp);
  EXPECT_FALSE(parse_serve_config(kSmallestServe, "f.toml").serve.servers[0].tcp);
}

}  // namespace
}  // namespace weir::run
