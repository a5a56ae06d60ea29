// One port: queues, offloads, bursts of frames in and out. rte_ethdev is talked to here and nowhere else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <weir/base/count.h>
#include <weir/nic/device.h>
#include <weir/nic/link.h>
#include <weir/nic/offloads.h>
#include <weir/nic/rss.h>
#include <weir/nic/setup_error.h>
#include <weir/wire/address.h>
#include <weir/wire/merge.h>
#include <weir/wire/packet.h>

namespace weir::nic {

class LogCapture;

struct PortConfig {
  std::string device;                  // "0000:03:00.0" or "net_af_packet0,iface=eth1"
  std::uint16_t queues = 1;            // of each direction: one per worker
  std::uint16_t mtu = 1500;            // bytes of IP
  std::optional<MacAddress> mac = {};  // else the device's own
  std::uint16_t rx_descriptors = 1024;
  std::uint16_t tx_descriptors = 1024;
  bool tso = true;  // where the device can
  // Decides, where the device takes it, which queue a flow comes to. Devices' own are known to everybody, who could aim
  // all they send at one queue.
  std::optional<RssKey> rss_key = {};
};

// Counts of one queue. One writer, the queue's thread; any reader.
struct QueueCounters {
  Count rx_packets, rx_bytes, tx_packets, tx_bytes;
  Count tx_full;         // dropped: the device's ring stayed full
  Count tx_unsendable;   // dropped: a chain that no single buffer holds, no memory for it, the driver refuses it
  Count tx_merged;       // put behind others into packets that the device cuts again; tx_packets has them too
  Count tx_checksummed;  // completed in software
  Count tx_copied;       // chains put into one buffer
};

// Since start; what the device itself says besides.
struct PortStats {
  std::uint64_t rx_packets = 0, rx_bytes = 0, tx_packets = 0, tx_bytes = 0;
  std::uint64_t tx_merged = 0;  // of tx_packets, those put behind others for the device to cut
  std::uint64_t rx_missed = 0;  // device had no descriptor
  std::uint64_t rx_errors = 0;
  std::uint64_t rx_no_mbuf = 0;
  std::uint64_t tx_errors = 0;
  std::uint64_t tx_dropped = 0;  // by this class: tx_full and tx_unsendable
};

// rx_burst and tx_burst: one thread per queue, any queue beside any other. Everything else: one thread, while open.
class Port {
 public:
  static constexpr std::uint32_t kBurst = 32;        // what a receive is best asked for
  static constexpr unsigned kTransmitTriesMax = 16;  // of a burst into a full ring, before the rest is dropped

  // Configures and starts the device. `packets` is where arriving frames are stored; it outlives the port. Throws
  // SetupError.
  Port(const PortConfig& config, PacketPool& packets);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  // Frames as they arrive; ol_flags say what the device knows of checksums (good, bad, else unknown: a checksum the
  // sender's host left out as needless counts as good). Ownership passes.
  std::uint32_t rx_burst(std::uint16_t queue, std::span<rte_mbuf*> frames);
  // Ownership of every frame passes; what cannot be sent is freed and counted. Checksums asked for by ol_flags are
  // completed in software where the device does not; chains are put into one buffer where it takes none; a connection's
  // segments side by side are put together where the device cuts them again (TSO; counted as what they are on the
  // wire). The span's entries are changed. Returns the number of packets sent. After a burst for which there was no
  // room, what is expendable (wire/precedence.h) goes behind the rest, until there is room again.
  std::uint32_t tx_burst(std::uint16_t queue, std::span<rte_mbuf*> frames);

  const std::string& device() const { return config_.device; }
  std::uint16_t id() const { return id_; }  // DPDK's
  std::uint16_t queues() const { return config_.queues; }
  std::uint16_t mtu() const { return config_.mtu; }
  MacAddress mac() const { return mac_; }
  const Offloads& offloads() const { return offloads_; }
  const RssState& rss() const { return rss_; }
  // Every choice made, one line each.
  std::vector<std::string> describe() const;

  // Asks device or kernel (a system call perhaps: every 100 ms is plenty). The control thread's.
  LinkState poll_link();
  LinkState link() const { return link_; }  // as of the last poll_link()
  PortStats stats() const;
  const QueueCounters& counters(std::uint16_t queue) const { return queues_[queue].counters; }

 private:
  struct alignas(64) Queue {
    QueueCounters counters;
    bool is_pressed = false;  // the last burst found no room for all
  };

  void set_up();
  void set_mtu(const LogCapture& log);
  void set_up_queues(const LogCapture& log);
  void set_addresses(const LogCapture& log);
  void close();
  std::uint32_t prepare(Queue& queue, std::span<rte_mbuf*> frames);
  wire::OnWire drop_unsent(Queue& queue, std::span<rte_mbuf*> unsent);
  std::uint32_t let_driver_prepare(std::uint16_t queue_index, std::span<rte_mbuf*> frames);
  rte_mbuf* in_one_buffer(Queue& queue, rte_mbuf* frame);

  PortConfig config_;
  Device device_;
  std::uint16_t id_ = 0;
  rte_mempool* pool_ = nullptr;
  std::string driver_;
  MacAddress mac_;
  Offloads offloads_;
  std::uint64_t software_requests_ = 0;
  wire::MergeLimits merge_limits_;
  RssState rss_;
  LinkState link_;
  std::unique_ptr<Queue[]> queues_;
  bool attached_ = false;  // by us: taken away again at the end
};

}  // namespace weir::nic
