// Configuration files with a fault: each is named by file and line, field and remedy.
#include <weir/run/config.h>

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "small_configs.h"

namespace weir::run {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The smallest good file with one line replaced or, where `line` is 0, with text added at its end.
struct Fault {
  const char* name;
  unsigned line;
  const char* text;
  const char* message;  // all of the first problem's line
};
void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

std::string with_fault(const std::string& good, const Fault& fault) {
  std::istringstream lines(good);
  std::string result;
  unsigned number = 0;
  for (std::string line; std::getline(lines, line);) result += (++number == fault.line ? fault.text : line) + "\n";
  return fault.line == 0 ? result + fault.text + "\n" : result;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

template <typename Parse>
std::string complaint(Parse&& parse, const std::string& text) {
  try {
    parse(text, "f.toml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no complaint";
}

class LbFault : public ::testing::TestWithParam<Fault> {};

TEST_P(LbFault, IsNamedWithLineFieldAndRemedy) {
  const std::string text = with_fault(kSmallestLb, GetParam());
  EXPECT_EQ(first_line(complaint(parse_lb_config, text)), GetParam().message);
}

const Fault kLbFaults[] = {
    {"MissingKey", 5, "nam = \"web\"",
     "f.toml:4: service[1].name: is missing; write name = \"web\"; it is shown in figures and logs"},
    {"UnknownKeyOfATable", 0, "[process]\nwrkers = 2",
     "f.toml:11: process.wrkers: unknown key; did you mean \"workers\"? Otherwise remove it"},
    {"UnknownTable", 0, "[admin]\nport = 1",
     "f.toml:10: admin: unknown key; remove it; known here: process, tcp, port, route, neighbour, limits, service"},
    {"WrongType", 0, "[process]\nworkers = \"two\"",
     "f.toml:11: process.workers: is a string; write a whole number from 1 to 64"},
    {"Fraction", 0, "[process]\nworkers = 1.5",
     "f.toml:11: process.workers: is a number with a fraction; write a whole number from 1 to 64"},
    {"OutOfRange", 0, "[process]\nworkers = 0",
     "f.toml:11: process.workers: 0 is out of range; write a whole number from 1 to 64"},
    {"UnknownChoice", 0, "[process]\nhuge_pages = \"yes\"",
     "f.toml:11: process.huge_pages: \"yes\" is not known; write one of \"auto\", \"never\", \"require\""},
    {"BadName", 0, "[process]\nname = \"a/b\"",
     "f.toml:11: process.name: \"a/b\" cannot be a name of a file; use a-z, 0-9, _ and -, at most 32 of them"},
    {"BadLcores", 0, "[process]\nlcores = \"two\"",
     "f.toml:11: process.lcores: \"two\" is not a list of cores; write it as DPDK does, \"2-5\" or \"0@2,1@3\", or "
     "leave it out"},
    {"BoolAsString", 0, "[tcp]\nsack = \"on\"",
     "f.toml:11: tcp.sack: is a string; write true or false, without quotation marks"},
    {"RackAsString", 0, "[tcp]\nrack = \"off\"",
     "f.toml:11: tcp.rack: is a string; write true or false, without quotation marks"},
    {"UnknownCongestionControl", 0, "[tcp]\ncongestion_control = \"bbr\"",
     "f.toml:11: tcp.congestion_control: \"bbr\" is not known; write one of \"cubic\", \"newreno\""},
    {"UnknownEcnMode", 0, "[tcp]\necn = \"ask\"",
     "f.toml:11: tcp.ecn: \"ask\" is not known; write one of \"off\", \"accept\", \"on\""},
    {"SlowStartTooFast", 0, "[tcp]\nslow_start_segments = 65",
     "f.toml:11: tcp.slow_start_segments: 65 is out of range; write a whole number from 0 to 64"},
    {"TimersOutOfOrder", 0, "[tcp]\nrto_min_ms = 2000\nrto_max_ms = 1000",
     "f.toml:11: tcp.rto_min_ms: rto_min_ms (2000) is above rto_max_ms (1000); lower rto_min_ms or raise rto_max_ms"},
    {"MssBoundsOutOfOrder", 0, "[tcp]\npeer_mss_min_bytes = 500\npeer_mss_max_bytes = 100",
     "f.toml:12: tcp.peer_mss_max_bytes: 100 is below peer_mss_min_bytes (500); raise peer_mss_max_bytes, or write 0 "
     "for no bound"},
    {"SharedSettingOfAService", 0, "[service.tcp]\nmsl_ms = 1000",
     "f.toml:11: service[web].tcp.msl_ms: is of the whole process; move it to [tcp]"},
    {"BufferOfAService", 0, "[service.tcp]\nreceive_buffer_bytes = 65536",
     "f.toml:11: service[web].tcp.receive_buffer_bytes: follows from buffer_bytes; write buffer_bytes in the table "
     "above"},
    {"BadSettingOfAService", 0, "[service.tcp]\nquick_acks = 16",
     "f.toml:11: service[web].tcp.quick_acks: 16 is out of range; write a whole number from 0 to 15"},
    {"NotAnAddress", 3, "addresses = [\"10.0.0.300/24\"]",
     "f.toml:3: port[1].addresses[1]: \"10.0.0.300/24\" is not an address with the length of its network; write it "
     "like "
     "\"192.0.2.1/24\" or \"2001:db8::1/64\""},
    {"MulticastAddress", 3, "addresses = [\"224.0.0.1/24\"]",
     "f.toml:3: port[1].addresses[1]: 224.0.0.1 is a multicast address; write an address of one host"},
    {"UnknownDevice", 2, "device = \"eth0\"",
     "f.toml:2: port[1].device: unknown kind of device \"eth0\"; write a PCI address like \"0000:03:00.0\", or one "
     "like "
     "these: \"net_af_packet0,iface=eth1\", \"net_af_xdp0,iface=eth1\", "
     "\"net_memif0,role=client,socket=/run/weir/memif.sock,socket-abstract=no\", "
     "\"net_virtio_user0,path=/run/weir/vhost.sock\", \"net_vhost0,iface=/run/weir/vhost.sock\", "
     "\"net_tap0,iface=weir0\", \"net_pcap0,iface=eth1\", \"net_null0\""},
    {"DeviceWithoutInterface", 2, "device = \"net_af_packet0\"",
     "f.toml:2: port[1].device: \"net_af_packet0\" lacks iface=; write it like \"net_af_packet0,iface=eth1\""},
    {"SmallMtuForIpv6", 2, "device = \"net_tap0,iface=t\"\nmtu = 1000",
     "f.toml:3: port[1].mtu: 1000 is too small for IPv6; write at least 1280, or leave out the port's IPv6 addresses"},
    {"GroupMac", 2, "device = \"net_tap0,iface=t\"\nmac = \"03:00:00:00:00:01\"",
     "f.toml:3: port[1].mac: 03:00:00:00:00:01 is not of one station; write one whose first byte is even, like "
     "\"02:00:00:00:00:01\""},
    {"TsoAsNumber", 2, "device = \"net_tap0,iface=t\"\ntso = 1",
     "f.toml:3: port[1].tso: is a whole number; write true or false, without quotation marks"},
    {"DeviceTwice", 0, "[[port]]\ndevice = \"net_tap0,iface=u\"\naddresses = [\"10.1.0.2/24\"]",
     "f.toml:11: port[2].device: device \"net_tap0\" is already used in line 2; number them: net_tap0, net_tap1"},
    {"AddressOnTwoPorts", 0, "[[port]]\ndevice = \"net_tap1,iface=u\"\naddresses = [\"10.0.0.2/24\"]",
     "f.toml:12: port[2].addresses[1]: 10.0.0.2 is already used in line 3; give every port addresses of its own"},
    {"RouteOfTwoFamilies", 0, "[[route]]\nto = \"0.0.0.0/0\"\nvia = \"fd00::1\"",
     "f.toml:12: route[1].via: 0.0.0.0/0 and fd00::1 are of different families; use IPv4 for both or IPv6 for both"},
    {"RouterOutOfReach", 0, "[[route]]\nto = \"0.0.0.0/0\"\nvia = \"10.9.0.1\"",
     "f.toml:12: route[1].via: 10.9.0.1 is in no network of a port; give a [[port]] an address with the network that "
     "it "
     "lies in"},
    {"PortOutOfRange", 9, "address = \"10.0.0.11:65536\"",
     "f.toml:9: service[web].backend[one].address: \"10.0.0.11:65536\" is not an address and a port from 1 to 65535; "
     "write it like \"192.0.2.1:80\" or \"[2001:db8::1]:80\""},
    {"PortZero", 6, "listen = \"10.0.0.80:0\"",
     "f.toml:6: service[web].listen: port 0 is out of range; write a port from 1 to 65535"},
    {"ServiceAddressInNoNetwork", 6, "listen = \"10.9.0.80:80\"",
     "f.toml:6: service[web].listen: 10.9.0.80 is in no network of a port; add \"10.9.0.80/32\" to the addresses of "
     "the "
     "[[port]] that is to serve it"},
    {"ServiceOnBroadcastAddress", 6, "listen = \"10.0.0.255:80\"",
     "f.toml:6: service[web].listen: 10.0.0.255 is the network's own or its broadcast address; choose one between "
     "them"},
    {"NothingToListenOn", 6, "listen = []",
     "f.toml:6: service[web].listen: is empty; write at least one, or remove the key"},
    {"DuplicateService", 0,
     "[[service]]\nname = \"web\"\nlisten = \"10.0.0.81:80\"\n[[service.backend]]\nname = \"x\"\naddress = "
     "\"10.0.0.12:80\"",
     "f.toml:11: service[web].name: service \"web\" is already used in line 5; choose another name"},
    {"TwoServicesOnOneAddress", 0,
     "[[service]]\nname = \"b\"\nlisten = \"10.0.0.80:80\"\n[[service.backend]]\nname = \"x\"\naddress = "
     "\"10.0.0.12:80\"",
     "f.toml:12: service[b].listen: 10.0.0.80:80 is already used in line 6; one service only can have it"},
    {"NoBackEnds", 0, "[[service]]\nname = \"b\"\nlisten = \"10.0.0.81:80\"",
     "f.toml:10: service[b]: has no back ends; add [[service.backend]] with name and address under it"},
    {"BackEndTwice", 0, "[[service.backend]]\nname = \"one\"\naddress = \"10.0.0.12:80\"",
     "f.toml:11: service[web].backend[one].name: back end \"one\" is already used in line 8; choose another name"},
    {"BackEndAddressTwice", 0, "[[service.backend]]\nname = \"two\"\naddress = \"10.0.0.11:8080\"",
     "f.toml:12: service[web].backend[two].address: 10.0.0.11:8080 is already used in line 9; give it one "
     "[[service.backend]]"},
    {"NoWayToBackEnd", 9, "address = \"10.7.0.1:80\"",
     "f.toml:9: service[web].backend[one].address: no way leads to back end \"one\" at 10.7.0.1; add a [[route]] with "
     "to = "
     "\"0.0.0.0/0\""},
    {"BackEndIsTheServiceItself", 9, "address = \"10.0.0.80:80\"",
     "f.toml:9: service[web].backend[one].address: back end \"one\" is the service's own address 10.0.0.80:80; write "
     "the address of "
     "the "
     "server"},
    {"SourcesWithoutBackEndsFamily", 6, "listen = \"10.0.0.80:80\"\nsource_addresses = [\"fd00::3\"]",
     "f.toml:10: service[web].backend[one].address: back end \"one\" is reached by IPv4, but no source address is; add "
     "an "
     "IPv4 "
     "address to source_addresses of the service, or leave them out"},
    {"NoAddressOfBackEndsFamily", 3, "addresses = [\"10.0.0.2/24\", \"10.0.1.2/24\"]",
     "f.toml:6: service[web].listen[2]: fd00::80 is in no network of a port; add \"fd00::80/128\" to the addresses of "
     "the "
     "[[port]] that is to serve it"},
    {"MaglevTableNotPrime", 6, "listen = \"10.0.0.80:80\"\nscheduler = \"maglev\"\nmaglev_table_entries = 65536",
     "f.toml:8: service[web].maglev_table_entries: 65536 is not prime; write a prime of at least 100 times the back "
     "ends: "
     "65537, 655373 or 5000011"},
    {"ScalarWhereTablesBelong", 0, "[service.health]\ninterval_ms = 1",
     "f.toml:11: service[web].health.interval_ms: 1 is out of range; write a whole number from 10 to 3600000"},
};

std::string serve_complaint(unsigned line, const char* text) {
  return complaint(parse_serve_config, with_fault(kSmallestServe, {"", line, text, ""}));
}

INSTANTIATE_TEST_SUITE_P(Config, LbFault, ::testing::ValuesIn(kLbFaults),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(ConfigFault, AServerHasTheSameChecks) {
  EXPECT_EQ(
      serve_complaint(5, "kind = \"ftp\""),
      "f.toml:5: server[1].kind: \"ftp\" is not known; write one of \"http\", \"echo\", \"discard\", \"chargen\"");
  EXPECT_EQ(serve_complaint(0, "[[server]]\nkind = \"echo\"\nlisten = \"10.0.0.2:7\""),
            "f.toml:7: server[2]: server \"echo\" is already used in line 4; give it a name = of its own");
  EXPECT_THAT(serve_complaint(6, "listen = \"10.9.9.9:7\""),
              StartsWith("f.toml:6: server[1].listen: 10.9.9.9 is in no"));
  EXPECT_THAT(serve_complaint(0, "[[service]]\nname = \"web\""), StartsWith("f.toml:7: service: unknown key; "));
}

TEST(ConfigFault, AllAreToldAtOnceInTheOrderOfTheirLines) {
  const std::string text =
      "[process]\nworkers = 99\nnme = \"x\"\n" + with_fault(kSmallestLb, {"", 9, "address = 7", ""});
  try {
    parse_lb_config(text, "f.toml");
    FAIL() << "no complaint";
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.problems().size(), 3u) << error.what();
    EXPECT_EQ(error.problems()[0].line, 2u);
    EXPECT_EQ(error.problems()[1].line, 3u);
    EXPECT_EQ(error.problems()[2].line, 12u);
    EXPECT_THAT(error.what(), HasSubstr("\nf.toml:3: process.nme: unknown key; did you mean \"name\"?"));
  }
}

TEST(ConfigFault, WhatIsNotTomlIsNamedByItsLine) {
  EXPECT_THAT(complaint(parse_lb_config, with_fault(kSmallestLb, {"", 5, "name = web", ""})),
              StartsWith("f.toml:5: not TOML: "));
  EXPECT_THAT(complaint(parse_lb_config, std::string("\0\xff\xfe[[[", 6)), StartsWith("f.toml:1: not TOML: "));
}

TEST(ConfigFault, AnEmptyFileLacksPortsAndServices) {
  EXPECT_THAT(complaint(parse_lb_config, "# nothing"), HasSubstr("f.toml:1: port: is missing; add a [[port]]"));
}

TEST(ConfigFault, AFileThatCannotBeReadIsNamed) {
  EXPECT_THROW(load_lb_config("/nonexistent/lb.toml"), ConfigError);
  EXPECT_THROW(load_lb_config("/"), ConfigError);
  EXPECT_THROW(load_lb_config("/dev/null"), ConfigError);
}

}  // namespace
}  // namespace weir::run
