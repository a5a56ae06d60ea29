// Two workers side by side without lcores: worker 0 has a port that returns what is sent into it, worker 1
// one that swallows everything.
#pragma once

#include <array>

#include <weir/run/worker.h>
#include <weir/wire/build.h>

#include "fake_application.h"
#include "support/eal.h"

namespace weir::run {

inline const IpAddress kOwn = *IpAddress::parse("192.0.2.1");
inline const IpAddress kPeer = *IpAddress::parse("192.0.2.2");
inline constexpr Instant kStart{1000s};

inline WorkerSetup small_setup(std::uint16_t index) {
  WorkerSetup setup;
  setup.index = index;
  setup.host.connections = 64;
  setup.host.half_open = 64;
  setup.host.time_wait_v4 = setup.host.time_wait_v6 = 64;
  setup.host.steering.worker = index;
  setup.host.steering.workers = 2;
  setup.network.shares_neighbours = true;
  return setup;
}

class TwoWorkers {
 public:
  explicit TwoWorkers(std::uint32_t missteer_every = 0) {
    WorkerSetup first = small_setup(0);
    first.missteer_every = missteer_every;
    workers[0] = std::make_unique<Worker>(first, std::vector{&port}, rings, *pool, kStart);
    workers[1] = std::make_unique<Worker>(small_setup(1), std::vector{&sink}, rings, *pool, kStart);
    for (auto& worker : workers) {
      worker->network().add_interface({port.mac(), 1500, {Prefix{kOwn, 24}}});
      EXPECT_TRUE(worker->network().add_neighbour(0, kPeer, MacAddress{{2, 0, 0, 0, 0, 2}}));
      worker->host().add_address(kOwn, 1500);
    }
    std::array<stack::Host*, 2> hosts{&workers[0]->host(), &workers[1]->host()};
    for (auto& worker : workers) {
      worker->host().set_peers(hosts, worker->index());
      worker->start(std::make_unique<FakeApplication>());
    }
  }

  // A TCP segment from the peer to port 80, as an IP packet.
  Packet segment(std::uint16_t port_of_peer, std::uint8_t flags) {
    Packet packet = pool->allocate();
    Segment segment;
    segment.seq = SeqNum{1000};
    segment.ack = SeqNum{(flags & kAck) != 0 ? 1U : 0U};
    segment.flags = flags;
    segment.window = UnscaledWindow{1000};
    const wire::Path path{.source = kPeer, .destination = kOwn, .source_port = port_of_peer, .destination_port = 80};
    EXPECT_TRUE(wire::write_tcp(packet, path, segment));
    return packet;
  }

  // Lets it arrive at worker 0's port.
  void arrive(Packet packet) {
    std::uint8_t* header = packet.prepend(14);
    std::copy_n(port.mac().bytes().begin(), 6, header);
    std::fill_n(header + 6, 6, std::uint8_t{2});
    header[12] = 0x08;
    header[13] = 0x00;
    rte_mbuf* frame[] = {packet.release()};
    EXPECT_EQ(port.tx_burst(0, frame), 1U);
  }

  // Lets it arrive at one worker's host directly, checksums complete.
  void arrive_at(unsigned worker, Packet packet) {
    wire::finish_checksums(packet);
    rte_mbuf* burst[] = {packet.release()};
    workers[worker]->host().on_burst(burst, now);
  }

  void turn() {
    now += 1ms;
    for (auto& worker : workers) worker->turn(now);
  }

  test::TestPool pool{4095};
  Rings rings{2};
  nic::Port port{{.device = "net_ring0"}, *pool};
  nic::Port sink{{.device = "net_null0,no-rx=1", .queues = 2}, *pool};
  std::array<std::unique_ptr<Worker>, 2> workers;
  Instant now = kStart;
};

}  // namespace weir::run
