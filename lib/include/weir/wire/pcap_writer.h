// IP packets into a capture file that tcpdump and tshark read (nanosecond pcap, link type RAW). For tests and
// captures: it writes through stdio, so it has no place on the packet path.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include <weir/base/instant.h>
#include <weir/wire/packet.h>

namespace weir::wire {

class PcapWriter {
 public:
  static constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 30;

  // Throws std::system_error naming the file. `bytes_max` bounds the file's size.
  explicit PcapWriter(const std::string& path, std::uint64_t bytes_max = kFileBytesMax);

  // Appends a packet that starts at its IP header, chains included, under this (virtual) time, which counts from
  // the capture's beginning of time, 1970. False when the file is full, or the disk: the packet is left out.
  bool write(Instant at, const Packet& packet) { return write(at, packet.get()); }
  bool write(Instant at, const rte_mbuf* packet);
  bool flush() { return std::fflush(file_.get()) == 0; }

  std::uint64_t written() const { return written_; }    // packets
  std::uint64_t left_out() const { return left_out_; }  // packets

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  bool put(const void* bytes, std::size_t count);
  bool put_record(Instant at, const rte_mbuf* packet);

  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t bytes_left_;
  std::uint64_t written_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace weir::wire
