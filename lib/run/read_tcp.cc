#include <fmt/format.h>

#include <weir/tcp/setting_fields.h>

#include "read_config.h"

namespace weir::run {
namespace {

// Every setting of TCP has its key and range in tcp/setting_fields.h.
void read_field(TableReader& table, const tcp::SettingField& field, tcp::Settings& tcp) {
  std::int64_t value = field.get(tcp);
  switch (field.kind) {
    case tcp::SettingKind::kFlag: {
      bool on = value != 0;
      table.flag(field.key, on);
      value = on ? 1 : 0;
      break;
    }
    case tcp::SettingKind::kChoice:
      table.choice(field.key, value, field.choices);
      break;
    default:
      table.number(field.key, value, field.least, field.most);
  }
  field.set(tcp, value);
}

void check_order(TableReader& table, std::string_view low_key, std::chrono::milliseconds low, std::string_view high_key,
                 std::chrono::milliseconds high) {
  if (low <= high) return;
  table.problems().add(table.place(table.has(low_key) ? low_key : high_key),
                       fmt::format("{} ({}) is above {} ({})", low_key, low.count(), high_key, high.count()),
                       fmt::format("lower {} or raise {}", low_key, high_key));
}

void check_syn_defence(TableReader& table, const tcp::Settings& tcp) {
  if (tcp.syn_cautious_percent <= tcp.syn_attacked_percent) return;
  const bool is_cautious_set = table.has("syn_cautious_percent");
  table.problems().add(
      table.place(is_cautious_set ? "syn_cautious_percent" : "syn_attacked_percent"),
      fmt::format("syn_cautious_percent ({}) is above syn_attacked_percent ({})", tcp.syn_cautious_percent,
                  tcp.syn_attacked_percent),
      "a listener is cautious before it is attacked: lower syn_cautious_percent or raise syn_attacked_percent");
}

void check_mss(TableReader& table, const tcp::Settings& tcp) {
  if (tcp.peer_mss_max == 0 || tcp.peer_mss_min <= tcp.peer_mss_max) return;
  table.problems().add(table.place(table.has("peer_mss_max_bytes") ? "peer_mss_max_bytes" : "peer_mss_min_bytes"),
                       fmt::format("{} is below peer_mss_min_bytes ({})", tcp.peer_mss_max, tcp.peer_mss_min),
                       "raise peer_mss_max_bytes, or write 0 for no bound");
}

// What one service or server cannot choose for itself, and where it is chosen.
void refuse(TableReader& table, std::string_view key, std::string_view why, std::string_view remedy) {
  if (table.has(key)) table.problems().add(table.place(key), std::string(why), std::string(remedy));
}

void refuse_shared(TableReader& table) {
  refuse(table, "msl_ms", "is of the whole process", "move it to [tcp]");
  refuse(table, "nagle", "is off where answers are written whole", "remove it");
  for (const std::string_view key : {"send_buffer_bytes", "receive_buffer_bytes"})
    refuse(table, key, "follows from buffer_bytes", "write buffer_bytes in the table above");
}

}  // namespace

void read_tcp(TableReader& table, tcp::Settings& tcp) {
  for (const tcp::SettingField& field : tcp::setting_fields()) read_field(table, field, tcp);
  check_mss(table, tcp);
  check_syn_defence(table, tcp);
  check_order(table, "rto_min_ms", tcp.rto_min, "rto_max_ms", tcp.rto_max);
  check_order(table, "rto_initial_ms", tcp.rto_initial, "rto_max_ms", tcp.rto_max);
  check_order(table, "delayed_ack_ms", tcp.delayed_ack, "rto_initial_ms", tcp.rto_initial);
}

void read_own_tcp(TableReader& parent, const tcp::Settings& base, std::optional<tcp::Settings>& own) {
  parent.table("tcp", [&](TableReader& table) {
    own = base;
    read_tcp(table, *own);
    refuse_shared(table);
  });
}

}  // namespace weir::run
