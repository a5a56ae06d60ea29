// [limits] and the limits of a service: what is read, and what is refused with its line.
#include <weir/run/config.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "small_configs.h"

namespace weir::run {
namespace {

using ::testing::HasSubstr;

constexpr unsigned kLines = 9;  // of kSmallestLb

stack::Limits limits_of(const std::string& added) {
  return parse_lb_config(kSmallestLb + added, "f.toml").process.limits.at(0).limits;
}
std::string complaint(const std::string& added) {
  try {
    limits_of(added);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no complaint";
}

class ListFile {
 public:
  explicit ListFile(const std::string& text) { std::ofstream(path_) << text; }
  ~ListFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("weir-list-" + std::to_string(::getpid()) + "-" + std::to_string(made_++));
  inline static int made_ = 0;
};

bool lets_in(const stack::Limits& limits, const char* address) {
  return limits.list->lets_in(IpAddress::parse(address).value());
}

TEST(LimitsConfig, WithoutATableThereAreNone) {
  EXPECT_TRUE(limits_of("").is_empty());
  EXPECT_EQ(parse_lb_config(kSmallestLb, "f").process.limits.at(0).name, "web");
}

TEST(LimitsConfig, NumbersAreRead) {
  const auto limits = limits_of(R"([service.limits]
connections = 1000
connections_per_second = 200
source_connections = 10
source_connections_per_second = 5
source_prefix_v4 = 24
source_prefix_v6 = 48
beyond = "reset"
)");
  EXPECT_EQ(limits, (stack::Limits{.connections = 1000,
                                   .connections_per_second = 200,
                                   .source_connections = 10,
                                   .source_connections_per_second = 5,
                                   .source_prefix_v4 = 24,
                                   .source_prefix_v6 = 48,
                                   .resets = true}));
}

TEST(LimitsConfig, ServiceSaysWhatIsOtherThanForAll) {
  const std::string common = "[limits]\nconnections = 100\nsource_connections = 5\ndeny = \"10.9.0.0/16\"\n";
  const auto inherited = limits_of(common);
  EXPECT_EQ(inherited.connections, 100U);
  EXPECT_FALSE(lets_in(inherited, "10.9.1.1"));
  const auto own = limits_of("[service.limits]\nconnections = 50\ndeny = \"10.8.0.0/16\"\n" + common);
  EXPECT_EQ(own.connections, 50U);
  EXPECT_EQ(own.source_connections, 5U);
  EXPECT_TRUE(lets_in(own, "10.9.1.1"));
  EXPECT_FALSE(lets_in(own, "10.8.1.1"));
}

TEST(LimitsConfig, ServersHaveThemToo) {
  const auto config = parse_serve_config(std::string(kSmallestServe) + "[server.limits]\nconnections = 7\n", "f");
  EXPECT_EQ(config.process.limits.at(0).name, "echo");
  EXPECT_EQ(config.process.limits.at(0).limits.connections, 7U);
}

TEST(LimitsConfig, ListsComeFromTheFileAndFromFilesOfTheirOwn) {
  const ListFile file("# bad ones\n198.51.100.0/24 ; seen in May\n\n  203.0.113.7\r\n2001:db8:bad::/48 # x\n");
  const auto limits = limits_of(
      "[service.limits]\ndeny = [\"10.1.0.0/16\", \"10.1.2.3\"]\nallow = [\"10.1.2.0/24\", \"0.0.0.0/0\"]\n"
      "deny_file = \"" +
      file.path() + "\"\n");
  EXPECT_EQ(limits.list->size(), 7U);
  EXPECT_FALSE(lets_in(limits, "10.1.3.1"));
  EXPECT_TRUE(lets_in(limits, "10.1.2.1"));
  EXPECT_FALSE(lets_in(limits, "10.1.2.3"));
  EXPECT_FALSE(lets_in(limits, "198.51.100.200"));
  EXPECT_FALSE(lets_in(limits, "203.0.113.7"));
  EXPECT_TRUE(lets_in(limits, "203.0.113.8"));
  EXPECT_FALSE(lets_in(limits, "2001:db8::1")) << "allowed by name are IPv4 addresses only";
}

TEST(LimitsConfig, ThousandsOfNetworksAreTaken) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "11." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".0/25\n";
  const ListFile file(text);
  EXPECT_EQ(limits_of("[limits]\ndeny_file = \"" + file.path() + "\"\n").list->size(), 20'000U);
}

struct Wrong {
  const char* text;
  unsigned line;  // of the text
  const char* message;
};

TEST(LimitsConfig, WhatCannotBeIsRefusedWithItsLineAndARemedy) {
  const Wrong wrongs[] = {
      {"[service.limits]\nconnections = 0", 2,
       "service[web].limits.connections: 0 would let nobody in; write at least 1, or remove the key where there is to "
       "be no limit"},
      {"[service.limits]\nsource_connections_per_second = 0", 2, "0 would let nobody in"},
      {"[limits]\nconnections = -1", 2, "limits.connections: -1 is out of range"},
      {"[service.limits]\nconnections = 10\nsource_connections = 11", 3,
       "service[web].limits.source_connections: source_connections = 11 is above connections = 10, and can never be "
       "reached; lower source_connections or raise connections"},
      {"[service.limits]\nconnections_per_second = 10\nsource_connections_per_second = 11", 3,
       "is above connections_per_second = 10"},
      {"[service.limits]\nconnections = 32769", 2,
       "32769 are more than can be open (32768); write at most 32768: half of connections under [process], as a client "
       "takes two"},
      {"[service.limits]\nsource_prefix_v4 = 24", 2, "nothing is limited by source"},
      {"[service.limits]\nsource_connections = 5\nsource_prefix_v4 = 33", 3, "33 is out of range"},
      {"[service.limits]\nbeyond = \"reset\"", 2, "there is no limit to go beyond"},
      {"[service.limits]\nconnections = 5\nbeyond = \"close\"", 3, "write one of \"drop\", \"reset\""},
      {"[service.limits]\nconections = 5", 2, "did you mean \"connections\"?"},
      {"[service.limits]\ndeny = \"10.0.0.1/24\"", 2, "10.0.0.1/24 has bits beyond its length; write 10.0.0.0/24"},
      {"[service.limits]\ndeny = \"2001:db8::1/64\"", 2, "write 2001:db8::/64"},
      {"[service.limits]\ndeny = \"10.0.0\"", 2, "\"10.0.0\" is not a network; write a network or an address"},
      {"[service.limits]\ndeny = [\"10.0.0.0/8\",\n\"10.0.0.0/8\"]", 3, "10.0.0.0/8 is there already, see line 11"},
      {"[service.limits]\nallow = \"10.0.0.0/8\"\ndeny = \"10.0.0.0/8\"", 3,
       "10.0.0.0/8 is in both lists, see line 11"},
      {"[service.limits]\ndeny = [\"10.0.0.0/8\",\n\"10.7.0.0/16\"]", 3,
       "10.7.0.0/16 lies in 10.0.0.0/8 of the same list, see line 11; remove it: it changes nothing"},
      {"[service.limits]\ndeny_file = \"/nowhere/deny.txt\"", 2,
       "service[web].limits.deny_file: \"/nowhere/deny.txt\" cannot be read: No such file"},
  };
  for (const Wrong& wrong : wrongs) {
    const std::string said = complaint(wrong.text);
    EXPECT_THAT(said, HasSubstr("f.toml:" + std::to_string(kLines + wrong.line) + ": ")) << wrong.text;
    EXPECT_THAT(said, HasSubstr(wrong.message)) << wrong.text;
  }
}

TEST(LimitsConfig, FaultsOfAListFileAreNamedWithItsLineAndNotWithoutEnd) {
  const ListFile file("10.0.0.0/8\n10.0.0.300\n10.0.0.0/8\n");
  const std::string said = complaint("[service.limits]\ndeny_file = \"" + file.path() + "\"\n");
  EXPECT_THAT(said, HasSubstr("\"" + file.path() + "\" line 2: \"10.0.0.300\" is not a network"));
  EXPECT_THAT(said, HasSubstr("line 3: 10.0.0.0/8 is there already, see \"" + file.path() + "\" line 1"));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "nonsense\n";
  const ListFile nonsense(many);
  const std::string all = complaint("[service.limits]\ndeny_file = \"" + nonsense.path() + "\"\n");
  EXPECT_EQ(std::ranges::count(all, '\n'), 16);
  EXPECT_THAT(all, HasSubstr("984 more like these in the lists"));
}

}  // namespace
}  // namespace weir::run
