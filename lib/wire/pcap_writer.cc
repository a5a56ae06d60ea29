#include <weir/wire/pcap_writer.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace weir::wire {

namespace {

// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html; in the byte order of the writer.
struct FileHeader {
  std::uint32_t magic = 0xa1b2'3c4d;  // nanoseconds
  std::uint16_t version_major = 2;
  std::uint16_t version_minor = 4;
  std::uint32_t reserved[2] = {};
  std::uint32_t snapshot_length = 262'144;
  std::uint32_t link_type = 101;  // LINKTYPE_RAW: IPv4 or IPv6 by the version nibble
};
static_assert(sizeof(FileHeader) == 24);

struct RecordHeader {
  std::uint32_t seconds;
  std::uint32_t nanoseconds;
  std::uint32_t captured;
  std::uint32_t length;
};
static_assert(sizeof(RecordHeader) == 16);

RecordHeader record_header(Instant at, std::uint32_t length) {
  const auto since_start = at.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_start);
  return {.seconds = static_cast<std::uint32_t>(seconds.count()),
          .nanoseconds = static_cast<std::uint32_t>((since_start - seconds).count()),
          .captured = length,
          .length = length};
}

}  // namespace

PcapWriter::PcapWriter(const std::string& path, std::uint64_t bytes_max)
    : file_(std::fopen(path.c_str(), "wb")), bytes_left_(std::max(bytes_max, std::uint64_t{sizeof(FileHeader)})) {
  const FileHeader header;
  if (!file_ || !put(&header, sizeof header)) throw std::system_error(errno, std::generic_category(), path);
}

bool PcapWriter::write(Instant at, const rte_mbuf* packet) {
  const std::uint64_t needed = sizeof(RecordHeader) + packet->pkt_len;
  const bool fits = needed <= bytes_left_ && put_record(at, packet);
  ++(fits ? written_ : left_out_);
  return fits;
}

bool PcapWriter::put_record(Instant at, const rte_mbuf* packet) {
  const RecordHeader header = record_header(at, packet->pkt_len);
  if (!put(&header, sizeof header)) return false;
  for (; packet != nullptr; packet = packet->next) {
    if (!put(rte_pktmbuf_mtod(packet, const void*), packet->data_len)) return false;
  }
  return true;
}

bool PcapWriter::put(const void* bytes, std::size_t count) {
  if (std::fwrite(bytes, 1, count, file_.get()) == count) {
    bytes_left_ -= count;
    return true;
  }
  bytes_left_ = 0;  // nothing can follow half a record
  return false;
}

}  // namespace weir::wire
