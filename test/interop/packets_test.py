"""Packets that no kernel would send: each is counted once under its reason, and a connection beside it is unharmed."""

import struct

import pytest
from scapy.layers.inet import ICMP, IP, TCP, in4_chksum
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from cable import Cable
from programs import PATIENCE, wait_until
from sockets import connect


@pytest.fixture
def cable(serve):
    cable = Cable(serve)
    yield cable
    cable.socket.close()


def drops(lab):
    return lab.weir.ctl("status")["drops"]


def difference(before, after):
    return {reason: after[reason] - before.get(reason, 0) for reason in after if after[reason] != before.get(reason, 0)}


V4 = {"src": "192.0.2.1", "dst": "192.0.2.2"}
V6 = {"src": "2001:db8:0:1::1", "dst": "2001:db8:0:1::2"}
SYN = {"sport": 40000, "dport": 80, "flags": "S"}


def flipped(packet, offset, bit=0x10):
    data = bytearray(bytes(packet))
    data[offset] ^= bit
    return Raw(bytes(data))


def cut(packet, length):
    return Raw(bytes(packet)[:length])


def with_options(options):
    """A SYN with these four bytes as its options, checksum and all."""
    header = bytearray(bytes(TCP(**SYN, dataofs=6, chksum=0)) + options)
    header[16:18] = struct.pack("!H", in4_chksum(6, IP(**V4), bytes(header)))
    return IP(**V4, proto=6) / Raw(bytes(header))


# The reason expected, and the packet; scapy works the checksums out where none is given.
BAD = {
    "tcp checksum": ("tcp_checksum", flipped(IP(**V4) / TCP(**SYN) / b"data", 41)),
    "tcp data offset below 5": ("tcp_data_offset", IP(**V4) / TCP(**SYN, dataofs=4)),
    "tcp data offset past the end": ("tcp_data_offset", IP(**V4) / TCP(**SYN, dataofs=15)),
    "tcp option of length 0": ("tcp_option_length", with_options(b"\x02\x00\x05\xb4")),
    "tcp option past the end": ("tcp_option_length", with_options(b"\x01\x01\x02\x04")),
    "tcp source port 0": ("tcp_port_zero", IP(**V4) / TCP(sport=0, dport=80, flags="S")),
    "ip checksum": ("ip_checksum", IP(**V4, chksum=0x1234) / TCP(**SYN)),
    "ip header of 16 bytes": ("ip_header_length", IP(**V4, ihl=4) / TCP(**SYN)),
    "ip total length beyond the frame": ("ip_total_length", IP(**V4, len=1000) / TCP(**SYN)),
    "version 5": ("ip_version", IP(**V4, version=5) / TCP(**SYN)),
    "source is multicast": ("ip_source", IP(src="224.0.0.1", dst="192.0.2.2") / TCP(**SYN)),
    "source is the destination": ("land", IP(src="192.0.2.2", dst="192.0.2.2") / TCP(**SYN)),
    "icmp checksum": ("icmp_checksum", IP(**V4) / ICMP(chksum=0x4321)),
    "ipv4 header cut short": ("truncated", cut(IP(**V4), 12)),
}
BAD_V6 = {
    "tcp checksum, ipv6": ("tcp_checksum", flipped(IPv6(**V6) / TCP(**SYN) / b"data", 61)),
    "tcp data offset below 5, ipv6": ("tcp_data_offset", IPv6(**V6) / TCP(**SYN, dataofs=4)),
    "payload length beyond the frame, ipv6": ("ip_total_length", IPv6(**V6, plen=1000) / TCP(**SYN)),
}


def counted(lab, before):
    """What has been dropped since `before`, once something was and all that was sent until then has been looked at."""
    wait_until(lambda: difference(before, drops(lab)), "a packet to be counted")
    lab.client.run("ping", "-c1", "-W", PATIENCE, "192.0.2.2")
    return difference(before, drops(lab))


@pytest.mark.parametrize("what", [*BAD, *BAD_V6])
def test_a_bad_packet_is_counted_once_under_its_reason(cable, what):
    reason, packet = {**BAD, **BAD_V6}[what]
    ether_type = 0x86dd if what in BAD_V6 else 0x0800
    lab = cable.lab
    with connect(lab.client, "192.0.2.2", 7) as connection:
        before = drops(lab)
        frame = Ether(src=cable.source, dst=cable.destination, type=ether_type) / Raw(bytes(packet))
        cable.socket.send(bytes(frame))
        assert counted(lab, before) == {reason: 1}
        connection.sendall(b"still here")
        assert connection.recv(100) == b"still here"


@pytest.mark.parametrize("address", ["192.0.2.2", "2001:db8:0:1::2"], ids=["ipv4", "ipv6"])
def test_one_flipped_bit_in_a_connection_is_counted_once_and_nothing_else_happens(cable, address):
    lab = cable.lab
    with connect(lab.client, address, 7) as connection:
        before = drops(lab)
        connection.sendall(b"the quick brown fox")
        frame = bytearray(cable.capture(lambda frame: frame.endswith(b"the quick brown fox")))
        assert connection.recv(100) == b"the quick brown fox"
        frame[-3] ^= 0x04
        cable.socket.send(frame)
        assert counted(lab, before) == {"tcp_checksum": 1}
        connection.sendall(b"jumps")
        assert connection.recv(100) == b"jumps"


def test_a_frame_of_unknown_type_is_counted(cable):
    before = drops(cable.lab)
    frame = struct.pack("!6s6sH", bytes.fromhex(cable.destination.replace(":", "")),
                        bytes.fromhex(cable.source.replace(":", "")), 0x1234) + bytes(50)
    cable.socket.send(frame)
    assert counted(cable.lab, before) == {"unknown_ether_type": 1}
