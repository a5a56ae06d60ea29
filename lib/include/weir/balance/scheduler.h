// Which back end gets the next connection. One object per service and core, one thread. Called once per connection
// (and retry), never per packet.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include <weir/balance/board.h>

namespace weir::balance {

struct Request {
  IpAddress client;
  std::span<const std::uint16_t> tried = {};  // back ends that failed this client already

  bool was_tried(std::size_t backend) const;
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // Index of a back end that is healthy, has a weight and was not tried; nothing when there is none.
  virtual std::optional<std::uint16_t> choose(const Request& request) = 0;
};

// `worker` staggers the cores, so that they do not all begin with the same back end.
std::unique_ptr<Scheduler> make_scheduler(const Board& board, std::size_t service, unsigned worker);

// Smooth weighted round robin: over any run of as many choices as the weights add up to, each back end gets exactly
// its weight, spread out (a a b a, not a a a b).
class RoundRobin final : public Scheduler {
 public:
  explicit RoundRobin(std::span<const SharedBackend> backends, unsigned worker = 0);
  std::optional<std::uint16_t> choose(const Request& request) override;

 private:
  std::span<const SharedBackend> backends_;
  std::vector<std::int32_t> credit_;
};

// The smallest (open + 1) / weight over all cores; ties in turn.
class LeastConnections final : public Scheduler {
 public:
  explicit LeastConnections(std::span<const SharedBackend> backends, unsigned worker = 0);
  std::optional<std::uint16_t> choose(const Request& request) override;

 private:
  std::span<const SharedBackend> backends_;
  std::size_t start_;
};

// By a keyed hash of the client's address, whatever its port. A back end that is down or was tried keeps its places;
// its clients alone are hashed again, so that the clients of all others stay where they are.
class Maglev final : public Scheduler {
 public:
  static constexpr unsigned kRehashMax = 32;  // then the first usable one from a hashed start

  Maglev(std::span<const SharedBackend> backends, const MaglevTable& table, const SipKey& key)
      : backends_(backends), table_(table), key_(key) {}
  std::optional<std::uint16_t> choose(const Request& request) override;

 private:
  bool may_take(std::uint16_t backend, const Request& request) const;
  std::optional<std::uint16_t> any_from(std::uint64_t start, const Request& request) const;

  std::span<const SharedBackend> backends_;
  const MaglevTable& table_;
  SipKey key_;
};

}  // namespace weir::balance
