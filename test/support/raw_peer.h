// A peer played by hand: segments are made field by field and put before one host; its answers are read back.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include <weir/stack/host.h>

namespace weir::testing {

struct Answer {
  IpHeader ip{};
  Segment segment{};
  std::vector<std::uint8_t> payload{};
  Instant at{};
};

class RawPeer {
 public:
  static constexpr std::uint16_t kHostPort = 80;

  RawPeer(const stack::HostConfig& config, Family family);
  ~RawPeer();

  stack::Host& host() { return *host_; }
  PacketPool& packets() { return packets_; }
  IpAddress host_address() const { return host_address_; }
  IpAddress peer_address() const { return peer_address_; }
  // Segments come from there, from now on.
  void move_to(const IpAddress& address) { peer_address_ = address; }
  Instant now() const { return now_; }

  // Puts the segment before the host (checksums right) and collects what it sends at once.
  void send(const Segment& segment, std::span<const std::uint8_t> payload = {});
  // The same with several, received in one burst.
  struct Sent {
    Segment segment{};
    std::vector<std::uint8_t> payload{};
  };
  void send_burst(std::span<const Sent> burst);
  // Any bytes as an IP packet.
  void send_raw(std::span<const std::uint8_t> ip_packet);
  // The bytes that send() would put before the host.
  std::vector<std::uint8_t> bytes_of(const Segment& segment, std::span<const std::uint8_t> payload = {});
  // Lets time pass, timer by timer.
  void advance(Duration duration);
  // Hands out what calls on the host produced.
  void collect() { outbox_.flush(); }
  // What the host sent since the last call, oldest first.
  std::vector<Answer> take();

 private:
  static void on_flush(void* context, std::span<rte_mbuf*> batch);
  Packet make(const Segment& segment, std::span<const std::uint8_t> payload);

  PacketPool packets_;
  Outbox outbox_;
  IpAddress host_address_, peer_address_;
  Instant now_{1'000'000s};
  std::unique_ptr<stack::Host> host_;
  std::vector<Answer> answers_;
};

}  // namespace weir::testing
