#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "checks.h"

namespace weir::doctor {

namespace {

bool has_nodes(const Facts& facts, const NicFacts& nic) {
  return facts.cpu.nodes().size() > 1 && nic.node >= 0;
}

std::string lcores_near(const Facts& facts, const NicFacts& nic) {
  const std::vector<unsigned> near = facts.cpu.on_node(nic.node);
  std::string text;
  for (unsigned i = 0; i < facts.workers() && i < near.size(); ++i)
    text += fmt::format("{}{}@{}", text.empty() ? "" : ",", i, near[i]);
  return fmt::format("set lcores = \"{}\" under [process]", text);
}

Judged judge_numa(const Facts& facts, const NicFacts& nic) {
  if (!has_nodes(facts, nic)) return std::nullopt;
  if (!facts.config) return ok(fmt::format("node {}: CPU {}", nic.node, ranges(facts.cpu.on_node(nic.node))));
  std::vector<unsigned> far;
  for (const unsigned id : facts.cpu.workers)
    if (const Cpu* cpu = facts.cpu.find(id); cpu != nullptr && cpu->node != nic.node) far.push_back(id);
  if (far.empty()) return ok(fmt::format("node {}, as all workers", nic.node));
  return slow(fmt::format("the NIC is on node {}, CPU {} is not: each packet crosses over", nic.node, ranges(far)),
              lcores_near(facts, nic));
}

Judged judge_huge_pages(const Facts& facts, const NicFacts& nic) {
  if (!has_nodes(facts, nic) || facts.memory.huge_total() == 0) return std::nullopt;
  const auto is_near = [&](const HugePages& pages) { return pages.node == nic.node && pages.free > 0; };
  if (std::ranges::any_of(facts.memory.huge, is_near)) return ok(fmt::format("free ones on node {}", nic.node));
  return slow(
      fmt::format("none free on the NIC's node {}", nic.node),
      fmt::format("echo 1024 > /sys/devices/system/node/node{}/hugepages/hugepages-2048kB/nr_hugepages", nic.node));
}

double leading_number(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Judged judge_slot(const Facts& facts, const NicFacts& nic) {
  if (nic.width_max.empty() || facts.cpu.flags.contains("hypervisor")) return std::nullopt;
  const bool is_full = leading_number(nic.width) >= leading_number(nic.width_max) &&
                       leading_number(nic.speed) >= leading_number(nic.speed_max);
  const std::string now = fmt::format("{} lanes of {}", nic.width, nic.speed);
  if (is_full) return ok(now);
  return slow(fmt::format("{}; the NIC can do {} of {}", now, nic.width_max, nic.speed_max),
              fmt::format("put it into a slot with as many lanes (lspci -vv -s {} shows LnkCap, LnkSta)", nic.name));
}

Judged judge_queues(const Facts& facts, const NicFacts& nic) {
  const std::uint32_t most = nic.probe ? nic.probe->queues_max : nic.pci && nic.kernel ? nic.kernel->queues_max : 0;
  if (most == 0) return std::nullopt;
  if (!facts.config) return ok(fmt::format("{}: for as many workers at most", most));
  if (most >= facts.workers()) return ok(fmt::format("{} of {}", facts.workers(), most));
  return broken(fmt::format("{}, but there are {} workers, and each needs its own", most, facts.workers()),
                fmt::format("set workers = {} under [process], or take a NIC with more", most));
}

Judgement judge_probed_rss(const Facts& facts, const nic::Probe& probe) {
  if (facts.workers() == 1) return ok("one worker: not needed");
  if (probe.rss.predicted)
    return ok(fmt::format("key ({}) and table of {} read back: answers come to the worker that asked",
                          probe.rss_key_settable ? "settable" : "not settable", probe.rss.reta_size));
  return slow(
      fmt::format("{}: packets of connections that Weir opens cross between workers by a ring", probe.rss.reason),
      "take a NIC whose RSS key DPDK reads, or one worker per port");
}

Judged judge_rss(const Facts& facts, const NicFacts& nic) {
  if (nic.probe) return judge_probed_rss(facts, *nic.probe);
  if (!nic.pci || !nic.kernel) return std::nullopt;
  if (nic.kernel->rss_key_bytes > 0)
    return ok(fmt::format("the kernel's driver has a key of {} bytes", nic.kernel->rss_key_bytes));
  if (facts.workers() == 1) return ok("no key; one worker needs none");
  return slow("the kernel's driver knows no key: flows may not be spread as Weir expects",
              "a newer driver, or one worker per port");
}

Judgement judge_probed_checksums(const nic::Offloads& offloads) {
  std::string missing;
  const auto note = [&](bool has, const char* what) {
    if (!has) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", what);
  };
  note(offloads.rx_ip_checksum, "arriving IPv4");
  note(offloads.rx_tcp_checksum, "arriving TCP");
  note(offloads.tx_ip_checksum, "leaving IPv4");
  note(offloads.tx_tcp_checksum, "leaving TCP");
  if (missing.empty()) return ok("the device computes and checks them");
  return slow(fmt::format("in software: {}", missing), "a NIC with checksum offload; a virtual device has none");
}

Judged judge_checksums(const Facts&, const NicFacts& nic) {
  if (nic.probe) return judge_probed_checksums(nic.probe->offloads);
  if (!nic.pci || !nic.kernel) return std::nullopt;
  if (nic.kernel->rx_checksum && nic.kernel->tx_checksum) return ok("on, with the kernel's driver");
  return slow("off with the kernel's driver: the NIC may lack them",
              fmt::format("ethtool -K {} rx on tx on", nic.interface));
}

// Few devices lack it and little depends on it: a fact, not a fault.
Judged judge_segmentation(const Facts&, const NicFacts& nic) {
  if (nic.probe) return ok(nic.probe->offloads.tso ? "the device cuts large segments (TSO)" : "in software");
  if (!nic.pci || !nic.kernel) return std::nullopt;
  return ok(nic.kernel->tso ? "TSO is on, with the kernel's driver" : "TSO is off or there is none");
}

// Joined segments are longer than the MTU, and af_packet's frames hold no more than that.
Judged judge_joining(const Facts&, const NicFacts& nic) {
  if (nic.pci || !nic.configured || !nic.kernel) return std::nullopt;
  if (!nic.kernel->gro && !nic.kernel->lro) return ok("off: segments arrive as they were sent");
  return slow(fmt::format("{} joins arriving segments to larger ones, which are dropped as too long",
                          nic.kernel->lro ? "LRO" : "GRO"),
              fmt::format("ethtool -K {} gro off lro off", nic.interface));
}

constexpr std::array kChecks{
    NicCheck{"nic.numa", "NUMA node", judge_numa},
    NicCheck{"nic.huge_pages", "huge pages", judge_huge_pages},
    NicCheck{"nic.slot", "PCIe", judge_slot},
    NicCheck{"nic.queues", "queues", judge_queues},
    NicCheck{"nic.rss", "RSS", judge_rss},
    NicCheck{"nic.checksums", "checksums", judge_checksums},
    NicCheck{"nic.segmentation", "segmentation", judge_segmentation},
    NicCheck{"nic.joining", "joined segments", judge_joining},
};

}  // namespace

std::span<const NicCheck> nic_speed_checks() {
  return kChecks;
}

}  // namespace weir::doctor
