// IP packets in and out.
#include <cstring>

#include <weir/wire/build.h>

#include "harness_impl.h"

using namespace weir::testing;

void weir_harness::collect(std::span<rte_mbuf*> batch) {
  for (rte_mbuf* mbuf : batch) {
    weir::Packet packet{mbuf};
    if (sent.size() >= kSentMax) {
      ++discarded;
      continue;
    }
    weir::wire::finish_checksums(packet);
    SentPacket& kept = sent.emplace_back();
    kept.at_ns = ns_of(now);
    kept.bytes.resize(packet.length());
    packet.copy_to(0, kept.bytes);
  }
}

namespace {

int add_to_burst(weir_harness& harness, const void* packet, std::size_t length) {
  if (packet == nullptr || length == 0 || length > WEIR_PACKET_MAX) return WEIR_E_ARGUMENT;
  weir::Packet copy = harness.packets.copy({static_cast<const std::uint8_t*>(packet), length});
  if (!copy) return WEIR_E_RESOURCES;
  harness.burst[harness.burst_count++] = copy.release();
  return WEIR_OK;
}

}  // namespace

extern "C" {

int weir_inject_with_next(weir_harness* harness, const void* packet, size_t length) {
  if (harness == nullptr) return WEIR_E_ARGUMENT;
  if (harness->burst_count == WEIR_BURST_MAX) return WEIR_E_RESOURCES;
  return add_to_burst(*harness, packet, length);
}

int weir_inject(weir_harness* harness, const void* packet, size_t length) {
  if (harness == nullptr) return WEIR_E_ARGUMENT;
  if (const int error = add_to_burst(*harness, packet, length); error != WEIR_OK) return error;
  harness->host->on_burst({harness->burst.data(), std::exchange(harness->burst_count, 0U)}, harness->now);
  harness->outbox.flush();
  return WEIR_OK;
}

int weir_next_packet(weir_harness* harness, void* into, size_t room, uint64_t* sent_at_ns) {
  if (harness == nullptr || into == nullptr) return WEIR_E_ARGUMENT;
  if (harness->sent.empty()) return 0;
  const SentPacket& packet = harness->sent.front();
  const std::size_t length = packet.bytes.size();
  if (length > room) return WEIR_E_ROOM;
  std::memcpy(into, packet.bytes.data(), length);
  if (sent_at_ns != nullptr) *sent_at_ns = packet.at_ns;
  harness->sent.pop_front();
  return static_cast<int>(length);
}

}  // extern "C"
