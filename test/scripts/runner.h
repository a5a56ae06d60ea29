// Runs a script against a harness: the host under test is one side, the script's lines are the other.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>

#include <weir/testing/harness.h>

#include "segment.h"

namespace weir::scripts {

// One way to run a script: the same lines must hold for both families and wherever the sequence numbers lie.
struct Variant {
  bool is_v4 = true;
  std::uint32_t host_isn = 0, peer_isn = 0;
  std::string name;  // "ipv4 isn 1000000/5000000"
};
std::vector<Variant> variants_of(const Script& script);

// Runs it once; throws ScriptError with line, what was expected, what came, and the packets so far.
void run(const Script& script, const Variant& variant);
// Runs every variant; empty when all is well, else what failed first.
std::string run_all(const Script& script);

struct HarnessDeleter {
  void operator()(weir_harness* harness) const { weir_harness_free(harness); }
};

class Runner {
 public:
  Runner(const Script& script, const Variant& variant);
  void run();

 private:
  struct Sent {
    Bytes bytes;
    TcpPacket packet;
    std::uint64_t at_ns = 0;
  };
  using Words = std::vector<std::string>;

  void run_step(const Step& step);
  void expect_end();

  // --- time and packets --- runner.cc, expect.cc, inject.cc
  std::uint64_t time_of(const When& when, bool latest) const;
  void go_to(std::uint64_t ns);
  void go_to(const Step& step);
  void collect();
  void note_sent(const Sent& sent);
  void expect_packet(const Step& step);
  void expect_nothing(const Step& step);
  void expect_none_left() const;
  bool wait_for_packet(std::uint64_t latest);
  void inject(const Step& step);
  void inject_icmp(const Step& step, Flow& flow);
  void inject_bytes(const Step& step, const Bytes& bytes);
  Flow& flow(const std::string& name);
  Flow* flow_of(const TcpPacket& packet);
  void trace(std::uint64_t ns, const std::string& text);
  [[noreturn]] void fail(const std::string& what) const;

  // --- calls and checks --- calls.cc, checks.cc
  void call(const Step& step);
  std::int64_t do_call(const std::string& verb, const Words& words, const std::string& flow_name);
  std::int64_t call_listen(const Words& words);
  std::int64_t call_accept(const Words& words);
  std::int64_t call_connect(const Words& words, const std::string& flow_name);
  std::int64_t call_send(const Words& words, const std::string& flow_name);
  std::int64_t call_read(const Words& words, const std::string& flow_name);
  std::int64_t call_shutdown(const Words& words, const std::string& flow_name);
  void check_info(const Step& step);
  void check_count(const Step& step);
  void check_events(const Step& step);
  weir_connection connection(const std::string& flow_name) const;

  const Script& script_;
  const Variant& variant_;
  std::unique_ptr<weir_harness, HarnessDeleter> harness_;
  const char* host_address_;
  const char* peer_address_;
  std::uint64_t now_ = 0;  // of the script: where "+" counts from
  std::deque<Sent> sent_;  // by the host, not yet expected
  std::list<Flow> flows_;
  std::map<std::string, weir_connection> connections_;
  std::map<std::string, std::uint64_t> bytes_sent_, bytes_read_;
  std::map<weir_connection, std::uint32_t> events_;
  weir_listener listener_ = -1;
  std::uint16_t port_ = 0;  // of the last listener
  std::string trace_;
};

// "... on FLOW": removes it from the words.
std::string take_flow(std::vector<std::string>& words);
// Compares as the script asks: == != < <= > >=.
bool holds(std::uint64_t got, const std::string& comparison, std::uint64_t value);

}  // namespace weir::scripts
