// Limits and lists as one worker enforces them. Nothing is charged for what is not proven: a SYN is only looked at, and
// takes effect once its handshake is complete. So sources that are made up neither fill the table nor use up what
// belongs to others.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <weir/base/count.h>
#include <weir/base/pace.h>
#include <weir/flow/source_table.h>
#include <weir/stack/limits.h>

namespace weir::stack {

// The limits in force, for those who only look. A reader may meet a change half way, and waits for nobody.
class ToldLimits {
 public:
  void tell(const Limits& limits);        // one thread
  void put_into(LimitStatus& one) const;  // any thread

 private:
  std::array<std::atomic<std::uint32_t>, 8> words_{};
};

// One thread, but for what says otherwise.
class Admission {
 public:
  // Without limits to begin with; `connections` is how many the host can hold. Throws OutOfMemory.
  Admission(std::uint16_t groups, std::uint32_t sources, std::uint32_t connections, const SipKey& secret,
            std::uint32_t workers);

  // By group; those beyond its end have none. Connections that are open stay counted as they are.
  void change(std::span<const Limits> limits);

  bool is_limited(std::uint16_t group) const { return group < groups_.size() && groups_[group].is_limited; }
  bool resets(std::uint16_t group) const { return groups_[group].limits.resets; }
  bool lets_in(std::uint16_t group, const IpAddress& source) const;
  // Why a new connection may not begin now. Both for limited groups only.
  std::optional<DropReason> refusal(std::uint16_t group, const IpAddress& source, Instant now) const;
  void count_refusal(std::uint16_t group, DropReason reason);

  // A connection that began, and its end; whether it counts is known here. is_idle(): none does.
  void open(std::uint16_t group, const IpAddress& source, std::uint32_t connection, Instant now);
  bool is_idle() const { return counted_ == 0; }
  void close(std::uint32_t connection);

  std::vector<LimitStatus> status() const;                            // any thread
  std::uint32_t sources_in_use() const { return sources_.in_use(); }  // any thread
  std::uint32_t source_places() const { return sources_.places(); }
  static std::size_t bytes_for(std::uint32_t sources, std::uint32_t connections);

 private:
  struct Group {
    bool is_limited = false;
    Limits limits;  // the worker's share
    ToldLimits told;
    Pace pace, source_pace;
    Instant booked{};
    Count open, uncounted;
    std::array<Count, kLimitReasons.size()> refused;
  };
  // How a connection is counted.
  struct Counted {
    std::uint16_t group;   // kNoLimits: not at all
    std::uint32_t source;  // kNoIndex: not by source
  };

  Limits share_of(const Limits& limits) const;
  SourceKey key_of(std::uint16_t group, const IpAddress& source) const;
  std::optional<DropReason> refusal_of_source(std::uint16_t group, const IpAddress& source, Instant now) const;
  std::uint32_t open_source(std::uint16_t group, const IpAddress& source, Instant now);
  Counted* counted_of() const { return static_cast<Counted*>(memory_.data()); }

  std::uint32_t workers_;
  std::vector<Group> groups_;
  SourceTable sources_;
  Region memory_;  // Counted, by connection
  std::uint32_t counted_ = 0;
};

}  // namespace weir::stack
