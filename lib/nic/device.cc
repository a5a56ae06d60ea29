#include <weir/nic/device.h>

#include <array>
#include <charconv>
#include <regex>

#include <weir/nic/setup_error.h>

namespace weir::nic {

namespace {

// What has to be known of a driver before it is asked.
struct DriverFacts {
  std::string_view driver;
  std::string_view queues_key;     // argument that says how many queues
  std::string_view interface_key;  // argument that names a kernel interface
  std::string_view ring_key;       // argument that says how many frames a ring holds ...
  unsigned ring_frames;            // ... and what serves a busy worker: it rides out some milliseconds off the CPU
};

constexpr std::array kDrivers = {
    DriverFacts{"net_af_packet", "qpairs", "iface", "framecnt", 4096},
    DriverFacts{"net_af_xdp", "queue_count", "iface", "", 0},
    DriverFacts{"net_virtio_user", "queues", "", "queue_size", 1024},
    DriverFacts{"net_vhost", "queues", "", "", 0},
};

const DriverFacts* facts_of(std::string_view driver) {
  for (const auto& facts : kDrivers)
    if (facts.driver == driver) return &facts;
  return nullptr;
}

std::string normal_pci(const std::string& text) {
  return text.size() == 7 ? "0000:" + text : text;  // the domain may be left out
}

void append(std::string& arguments, std::string_view key, unsigned value) {
  if (!arguments.empty()) arguments += ',';
  arguments += std::string{key} + '=' + std::to_string(value);
}

void require_queues(const Device& device, std::string_view key, std::uint16_t queues, const std::string& given) {
  unsigned number = 0;
  std::from_chars(given.data(), given.data() + given.size(), number);
  if (number >= queues) return;
  throw SetupError(device.name + " has " + given + " queue(s) but there are " + std::to_string(queues) +
                   " workers: write " + std::string{key} + "=" + std::to_string(queues) +
                   " in the device string, or leave " + std::string{key} + " out, or set workers = " + given);
}

}  // namespace

Device Device::parse(std::string_view text) {
  static const std::regex pci("((?:[0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7])(?:,(.*))?");
  static const std::regex vdev("((?:net|eth)_[a-z_]*[a-z])([0-9a-zA-Z_-]*)(?:,(.*))?");
  const std::string whole{text};
  std::smatch parts;
  if (std::regex_match(whole, parts, pci)) return {normal_pci(parts[1].str()), "", parts[2].str()};
  if (std::regex_match(whole, parts, vdev)) return {parts[1].str() + parts[2].str(), parts[1].str(), parts[3].str()};
  throw SetupError("device \"" + whole + "\" is neither a PCI address nor a virtual device: write one like " +
                   "\"0000:03:00.0\" (dpdk-devbind.py --status lists them) or \"net_af_packet0,iface=eth1\"");
}

std::optional<std::string> Device::argument(std::string_view key) const {
  std::string_view rest = arguments;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view item = rest.substr(0, comma);
    const auto equals = item.find('=');
    if (item.substr(0, equals) == key)
      return std::string{equals == std::string_view::npos ? "" : item.substr(equals + 1)};
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return std::nullopt;
}

std::optional<std::string> Device::kernel_interface() const {
  const DriverFacts* facts = facts_of(driver);
  if (facts == nullptr || facts->interface_key.empty()) return std::nullopt;
  return argument(facts->interface_key).value_or("");
}

bool Device::shares_memory() const {
  return driver == "net_vhost" || driver == "net_virtio_user";
}

std::string Device::arguments_for(std::uint16_t queues) const {
  std::string result = arguments;
  const DriverFacts* facts = facts_of(driver);
  if (facts == nullptr) return result;
  if (const auto given = argument(facts->queues_key))
    require_queues(*this, facts->queues_key, queues, *given);
  else
    append(result, facts->queues_key, queues);
  if (!facts->ring_key.empty() && !argument(facts->ring_key)) append(result, facts->ring_key, facts->ring_frames);
  return result;
}

}  // namespace weir::nic
