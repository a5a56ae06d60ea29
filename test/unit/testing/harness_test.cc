// The harness as its header promises it: errors, buffers, time, names. What TCP does is for the scripts.
#include <cstring>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <weir/testing/harness.h>

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

using Settings = std::unique_ptr<weir_settings, decltype(&weir_settings_free)>;
Settings make_settings() {
  return {weir_settings_new(), &weir_settings_free};
}

// A host at 192.0.2.1; its destructor checks that every packet came back.
class Harness {
 public:
  explicit Harness(const weir_settings* settings = nullptr) {
    EXPECT_EQ(weir_harness_new(settings, &harness_), WEIR_OK) << weir_start_error();
    EXPECT_EQ(weir_add_address(harness_, "192.0.2.1", 1500), WEIR_OK);
  }
  ~Harness() { EXPECT_EQ(weir_harness_free(harness_), 0); }
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  operator weir_harness*() const { return harness_; }
  weir_connection connect(const weir_settings* settings = nullptr) {
    weir_connection connection = 0;
    EXPECT_EQ(weir_connect(harness_, nullptr, 0, "192.0.2.2", 80, settings, &connection), WEIR_OK);
    return connection;
  }
  std::vector<std::uint8_t> next(std::uint64_t* at = nullptr) {
    std::vector<std::uint8_t> packet(WEIR_PACKET_MAX);
    const int length = weir_next_packet(harness_, packet.data(), packet.size(), at);
    packet.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    return packet;
  }

 private:
  weir_harness* harness_ = nullptr;
};

std::uint32_t word(const std::vector<std::uint8_t>& packet, std::size_t at) {
  return std::uint32_t{packet[at]} << 24 | std::uint32_t{packet[at + 1]} << 16 | std::uint32_t{packet[at + 2]} << 8 |
         packet[at + 3];
}
std::uint32_t seq_of(const std::vector<std::uint8_t>& packet) {
  return word(packet, 24);
}

std::string value_of(const weir_settings* settings, const char* key) {
  char text[64];
  EXPECT_EQ(weir_settings_get(settings, key, text, sizeof text), WEIR_OK) << key;
  return text;
}

TEST(HarnessSettings, EveryKeyCanBeReadAndWrittenBack) {
  const Settings settings = make_settings();
  std::set<std::string> keys;
  for (std::size_t i = 0; weir_settings_key(i) != nullptr; ++i) {
    const char* key = weir_settings_key(i);
    EXPECT_TRUE(keys.insert(key).second) << key;
    EXPECT_EQ(weir_settings_set(settings.get(), key, value_of(settings.get(), key).c_str()), WEIR_OK) << key;
  }
  for (const char* key : {"rto_min_ms", "nagle", "iss", "syn_options", "host.seed"}) EXPECT_TRUE(keys.contains(key));
}

TEST(HarnessSettings, FoolishOnesChangeNothing) {
  const Settings settings = make_settings();
  EXPECT_EQ(weir_settings_set(settings.get(), "no_such_key", "1"), WEIR_E_KEY);
  for (const auto& [key, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"rto_min_ms", "1"},
                                                                  {"nagle", "yes"},
                                                                  {"iss", "4294967296"},
                                                                  {"iss", "-1"},
                                                                  {"timestamp_start", ""},
                                                                  {"fixed_window_bytes", "1073741825"},
                                                                  {"syn_options", "mss,mss"},
                                                                  {"host.connections", "0"},
                                                                  {"host.packets", "62"}}) {
    const std::string before = value_of(settings.get(), key);
    EXPECT_EQ(weir_settings_set(settings.get(), key, value), WEIR_E_VALUE) << key << "=" << value;
    EXPECT_EQ(value_of(settings.get(), key), before) << key;
  }
}

TEST(HarnessSettings, AValueNeedsRoomForItsEnd) {
  const Settings settings = make_settings();
  char text[7] = "......";
  EXPECT_EQ(weir_settings_get(settings.get(), "iss", text, 6), WEIR_E_ROOM);
  EXPECT_STREQ(text, "......");
  EXPECT_EQ(weir_settings_get(settings.get(), "iss", text, 7), WEIR_OK);
  EXPECT_STREQ(text, "random");
}

TEST(Harness, NullPointersAreArguments) {
  const Harness host;
  weir_connection connection = 0;
  weir_listener listener = 0;
  EXPECT_EQ(weir_harness_new(nullptr, nullptr), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_harness_free(nullptr), 0);
  EXPECT_EQ(weir_inject(host, nullptr, 5), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_inject(nullptr, "x", 1), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_connect(host, nullptr, 0, nullptr, 80, nullptr, &connection), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_listen(host, nullptr, 80, 1, nullptr, &listener), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_next_event(host, nullptr), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_get_info(host, 0, nullptr), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_count(host, nullptr), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_accept(host, -1), 0U);
  EXPECT_EQ(weir_send(host, 0, nullptr, 0), WEIR_E_STALE);
}

TEST(Harness, BadAddressesAreRefused) {
  const Harness host;
  weir_listener listener = 0;
  EXPECT_EQ(weir_add_address(host, "192.0.2", 1500), WEIR_E_ADDRESS);
  EXPECT_EQ(weir_add_address(host, "224.0.0.1", 1500), WEIR_E_ADDRESS);
  EXPECT_EQ(weir_add_address(host, "192.0.2.9", 67), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_listen(host, "192.0.2.77", 80, 1, nullptr, &listener), WEIR_E_ADDRESS);
  EXPECT_EQ(weir_listen(host, "0.0.0.0", 80, 1, nullptr, &listener), WEIR_OK);
  EXPECT_EQ(weir_listen(host, "0.0.0.0", 80, 1, nullptr, &listener), WEIR_E_IN_USE);
}

TEST(Harness, PacketsWaitWithTheTimeAtWhichTheyWereSent) {
  Harness host;
  host.connect();
  EXPECT_EQ(weir_advance(host, 4 * kSecond), WEIR_OK);
  for (const std::uint64_t expected : {0 * kSecond, 1 * kSecond, 3 * kSecond}) {
    std::uint64_t at = 77;
    EXPECT_FALSE(host.next(&at).empty());
    EXPECT_EQ(at, expected);
  }
  EXPECT_TRUE(host.next().empty());
}

TEST(Harness, APacketLongerThanTheBufferStays) {
  Harness host;
  host.connect();
  std::uint8_t small[8];
  EXPECT_EQ(weir_next_packet(host, small, sizeof small, nullptr), WEIR_E_ROOM);
  EXPECT_EQ(host.next().size(), 60U);
}

TEST(Harness, TimeGoesForwardOnly) {
  Harness host;
  EXPECT_EQ(weir_now(host), 0U);
  EXPECT_EQ(weir_advance(host, kSecond + 1), WEIR_OK);
  EXPECT_EQ(weir_now(host), kSecond + 1);
  EXPECT_EQ(weir_advance(host, kSecond), WEIR_E_ARGUMENT);
  EXPECT_EQ(weir_now(host), kSecond + 1);
}

TEST(Harness, DeadlinesLeadFromOneThingToTheNext) {
  Harness host;
  std::uint64_t at = 0;
  EXPECT_EQ(weir_next_deadline(host, &at), 0);
  host.connect();
  host.next();
  std::vector<std::uint8_t> second;
  int steps = 0;
  for (; second.empty() && steps < 10; ++steps) {
    ASSERT_EQ(weir_next_deadline(host, &at), 1);
    EXPECT_EQ(weir_advance(host, at - 1), WEIR_OK);
    EXPECT_TRUE(host.next().empty()) << "sent before the deadline";
    EXPECT_EQ(weir_advance(host, at), WEIR_OK);
    second = host.next();
  }
  EXPECT_EQ(at, kSecond);
  EXPECT_LT(steps, 10);
}

TEST(Harness, NamesOfConnectionsAreNotUsedAgain) {
  Harness host;
  const weir_connection first = host.connect();
  EXPECT_NE(first, 0U);
  EXPECT_EQ(weir_abort(host, first), WEIR_OK);
  EXPECT_EQ(weir_abort(host, first), WEIR_E_STALE);
  const weir_connection second = host.connect();
  EXPECT_NE(first, second);
  weir_info info{};
  info.size = sizeof info;
  EXPECT_EQ(weir_get_info(host, first, &info), WEIR_E_STALE);
  EXPECT_EQ(weir_get_info(host, second, &info), WEIR_OK);
  EXPECT_STREQ(info.state, "SYN-SENT");
  EXPECT_EQ(std::string{info.remote}, "192.0.2.2:80");
}

TEST(Harness, AnOlderCallerGetsTheFieldsThatItKnows) {
  Harness host;
  const weir_connection connection = host.connect();
  weir_info info{};
  std::memset(&info, 0x5a, sizeof info);
  info.size = offsetof(weir_info, cwnd);
  EXPECT_EQ(weir_get_info(host, connection, &info), WEIR_OK);
  EXPECT_STREQ(info.state, "SYN-SENT");
  EXPECT_EQ(info.cwnd, 0x5a5a5a5aU);
}

TEST(Harness, AConnectionHasTheSettingsItIsGiven) {
  Harness host;
  const Settings settings = make_settings();
  weir_settings_set(settings.get(), "iss", "12345");
  weir_settings_set(settings.get(), "timestamp_start", "777");
  weir_settings_set(settings.get(), "syn_options", "TS,mss");
  host.connect(settings.get());
  const auto syn = host.next();
  EXPECT_EQ(seq_of(syn), 12345U);
  EXPECT_EQ(word(syn, 40) >> 16, 0x080aU);
  EXPECT_EQ(word(syn, 42), 777U);
  host.connect();
  EXPECT_NE(seq_of(host.next()), 12345U);
}

// The host has a slot for each set of settings: the same again takes no other.
TEST(Harness, EqualSettingsAreOneSet) {
  Harness host;
  const Settings settings = make_settings();
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(weir_abort(host, host.connect(settings.get())), WEIR_OK);
}

TEST(Harness, EveryRunGivesTheSamePackets) {
  const auto syns = [] {
    Harness host;
    host.connect();
    host.connect();
    return std::pair{host.next(), host.next()};
  };
  EXPECT_EQ(syns(), syns());
}

TEST(Harness, AnotherSeedGivesOthers) {
  const Settings settings = make_settings();
  weir_settings_set(settings.get(), "host.seed", "2");
  Harness one, two{settings.get()};
  one.connect();
  two.connect();
  EXPECT_NE(seq_of(one.next()), seq_of(two.next()));
}

// Threads that EAL does not know, each with a host of its own.
TEST(Harness, ThreadsMayDriveOneEach) {
  Harness one, two;
  const auto drive = [](Harness& host) {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(weir_abort(host, host.connect()), WEIR_OK);
    EXPECT_EQ(weir_advance(host, kSecond), WEIR_OK);
  };
  std::thread first{drive, std::ref(one)}, second{drive, std::ref(two)};
  first.join();
  second.join();
  EXPECT_EQ(weir_count(one, "active_opens"), 100);
  EXPECT_EQ(weir_count(two, "active_opens"), 100);
}

TEST(Harness, BurstsAreBounded) {
  Harness host;
  const std::uint8_t byte = 0;
  for (int i = 0; i < WEIR_BURST_MAX; ++i) EXPECT_EQ(weir_inject_with_next(host, &byte, 1), WEIR_OK);
  EXPECT_EQ(weir_inject_with_next(host, &byte, 1), WEIR_E_RESOURCES);
  EXPECT_EQ(weir_inject(host, &byte, 1), WEIR_OK);
  EXPECT_EQ(weir_count(host, "ip_version"), WEIR_BURST_MAX + 1);
}

TEST(Harness, WhatWaitsForTheNextBurstIsGivenBack) {
  Harness host;
  EXPECT_EQ(weir_inject_with_next(host, "x", 1), WEIR_OK);
}

TEST(Harness, CountsHaveNames) {
  Harness host;
  host.connect();
  EXPECT_EQ(weir_count(host, "active_opens"), 1);
  EXPECT_EQ(weir_count(host, "SYN-SENT"), 1);
  EXPECT_EQ(weir_count(host, "pool.connections"), 1);
  EXPECT_EQ(weir_count(host, "no_listener"), 0);
  EXPECT_EQ(weir_count(host, "harness.discarded"), 0);
  EXPECT_EQ(weir_count(host, "nonsense"), WEIR_E_KEY);
}

TEST(Harness, PacketsNobodyTakesAreBounded) {
  Harness host;
  for (int i = 0; i < 65536 + 10; ++i) weir_abort(host, host.connect());
  EXPECT_EQ(weir_count(host, "harness.discarded"), 10);
}

TEST(Harness, ErrorsHaveTexts) {
  std::set<std::string> texts;
  for (int error = WEIR_OK; error >= WEIR_E_START; --error) EXPECT_TRUE(texts.insert(weir_error_text(error)).second);
  EXPECT_STREQ(weir_error_text(-1000), "unknown");
}

TEST(Harness, TooLittleMemoryIsAnError) {
  const Settings settings = make_settings();
  weir_settings_set(settings.get(), "host.packets", "65535");
  std::vector<weir_harness*> hosts;
  int error = WEIR_OK;
  while (error == WEIR_OK && hosts.size() < 20) {
    weir_harness* harness = nullptr;
    error = weir_harness_new(settings.get(), &harness);
    if (error == WEIR_OK) hosts.push_back(harness);
  }
  EXPECT_EQ(error, WEIR_E_RESOURCES);
  EXPECT_FALSE(hosts.empty());
  for (weir_harness* harness : hosts) EXPECT_EQ(weir_harness_free(harness), 0);
  const Harness again;
}

}  // namespace
