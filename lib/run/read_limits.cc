#include "read_limits.h"

#include <fmt/format.h>
#include <array>

namespace weir::run {
namespace {

using stack::Limits;

constexpr std::int64_t kConnectionsMax = 1 << 28;
constexpr std::int64_t kRateMax = 100'000'000;

// 0 would let nobody in: that is no limit but an end.
void read_limit(TableReader& table, std::string_view key, std::uint32_t& limit, std::int64_t most) {
  std::uint32_t value = limit;
  table.number(key, value, 0, most);
  if (table.has(key) && value == 0)
    return table.problems().add(table.place(key), "0 would let nobody in",
                                "write at least 1, or remove the key where there is to be no limit");
  limit = value;
}

void read_numbers(TableReader& table, Limits& limits) {
  read_limit(table, "connections", limits.connections, kConnectionsMax);
  read_limit(table, "connections_per_second", limits.connections_per_second, kRateMax);
  read_limit(table, "source_connections", limits.source_connections, kConnectionsMax);
  read_limit(table, "source_connections_per_second", limits.source_connections_per_second, kRateMax);
  table.number("source_prefix_v4", limits.source_prefix_v4, 1, 32);
  table.number("source_prefix_v6", limits.source_prefix_v6, 1, 128);
  table.choice("beyond", limits.resets, {{"drop", false}, {"reset", true}});
}

// Where one of the two keys stands in this table, the one that is to blame first.
Place blamed(TableReader& table, std::string_view key, std::string_view other) {
  return table.place(table.has(key) ? key : other);
}

void check_order(TableReader& table, std::string_view key, std::uint32_t of_source, std::string_view of_all_key,
                 std::uint32_t of_all) {
  if (of_source == 0 || of_all == 0 || of_source <= of_all) return;
  table.problems().add(
      blamed(table, key, of_all_key),
      fmt::format("{} = {} is above {} = {}, and can never be reached", key, of_source, of_all_key, of_all),
      fmt::format("lower {} or raise {}", key, of_all_key));
}

void check_use(TableReader& table, const Limits& limits) {
  for (const char* key : {"source_prefix_v4", "source_prefix_v6"}) {
    if (!table.has(key) || limits.has_source_limit()) continue;
    table.problems().add(table.place(key), "nothing is limited by source",
                         "write source_connections or source_connections_per_second too, or remove it");
  }
  if (!table.has("beyond") || !limits.is_empty()) return;
  table.problems().add(table.place("beyond"), "there is no limit to go beyond",
                       "write a limit or a list too, or remove it");
}

void check(TableReader& table, const Limits& limits, const LimitsBound& bound) {
  check_order(table, "source_connections", limits.source_connections, "connections", limits.connections);
  check_order(table, "source_connections_per_second", limits.source_connections_per_second, "connections_per_second",
              limits.connections_per_second);
  check_use(table, limits);
  for (const auto& [key, limit] :
       {std::pair{"connections", limits.connections}, std::pair{"source_connections", limits.source_connections}}) {
    if (!table.has(key) || limit <= bound.connections) continue;
    table.problems().add(table.place(key), fmt::format("{} are more than can be open ({})", limit, bound.connections),
                         fmt::format("write at most {}: {}", bound.connections, bound.because));
  }
}

Limits read(TableReader& parent, Limits limits, const LimitsBound& bound) {
  parent.table("limits", [&](TableReader& table) {
    read_numbers(table, limits);
    if (auto list = read_lists(table)) limits.list = std::move(list);
    check(table, limits, bound);
  });
  return limits;
}

}  // namespace

CommonLimits read_common_limits(TableReader& top, const LimitsBound& bound) {
  return {read(top, {}, bound), bound};
}

Limits read_own_limits(TableReader& parent, const CommonLimits& common) {
  return read(parent, common.limits, common.bound);
}

}  // namespace weir::run
