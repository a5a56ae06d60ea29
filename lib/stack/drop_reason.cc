#include <weir/stack/drop_reason.h>

#include <iterator>

namespace weir::stack {

namespace {

// In the order of DropReason.
constexpr const char* kNames[] = {
    "truncated",
    "ip_version",
    "ip_header_length",
    "ip_total_length",
    "ip_checksum",
    "ip_source",
    "ip_destination",
    "ip_extension",
    "tcp_data_offset",
    "tcp_checksum",
    "tcp_option_length",
    "tcp_port_zero",
    "icmp_checksum",
    "icmp_truncated",
    "not_for_us",
    "unknown_protocol",
    "land",
    "bad_flags",
    "fragment_table",
    "no_listener",
    "half_open_full",
    "syn_cookie_wrong",
    "syn_cookie_spent",
    "syn_shed",
    "accept_queue_full",
    "source_denied",
    "source_connection_limit",
    "source_rate_limit",
    "connection_limit",
    "rate_limit",
    "no_connections",
    "no_cold_blocks",
    "no_packets",
    "table_full",
    "icmp_unmatched",
    "icmp_ignored",
    "icmp_rate_limited",
    "unknown_ether_type",
    "not_our_mac",
    "arp_malformed",
    "arp_ignored",
    "ndp_malformed",
    "ndp_ignored",
    "neighbour_queue_full",
    "neighbour_failed",
    "neighbour_table_full",
    "no_route",
    "transmit_queue_full",
    "hand_over_full",
    "too_big",
    "no_headroom",
    "link_down",
    "address_conflict",
};
static_assert(std::size(kNames) == kDropReasons);

}  // namespace

const char* to_string(DropReason reason) {
  const auto index = static_cast<unsigned>(reason);
  return index < kDropReasons ? kNames[index] : "unknown";
}

}  // namespace weir::stack
