"""SACK, timestamps, window scale and ECN, each on and off at either end: what Weir and the kernel agree on, as client
and as server, is what both then do, and every byte arrives over a path that loses and reorders packets."""

import hashlib
import socket
import threading

import pytest

import segments
from labs import LbLab
from segments import ACK, CWR, ECE, RST, SYN, Tap
from sockets import Background, connect, digest_of_all, listen, pseudo_random

SIZE = 2 << 20
PORT = 7
CLEAN, BAD = "delay=1", "delay=1,loss=1,reorder=2,late=3,mark=2"
# What turns an option off: in Weir's [tcp] section, and in the kernel.
OFF = {
    "sack": ("sack = false", "net.ipv4.tcp_sack=0"),
    "timestamps": ("timestamps = false", "net.ipv4.tcp_timestamps=0"),
    "window_scale": ("window_scale = false", "net.ipv4.tcp_window_scaling=0"),
    "ecn": ('ecn = "off"', "net.ipv4.tcp_ecn=0"),
}
ALL = set(OFF)
# As SYN segments carry them, and as the kernel's TCP_INFO tells them.
KIND = {"sack": segments.SACK_PERMITTED, "timestamps": segments.TIMESTAMPS, "window_scale": segments.WINDOW_SCALE}
TCPI_OPT = {"timestamps": 1, "sack": 2, "window_scale": 4, "ecn": 8}
# One at a time at either end, none at all, and everything.
CASES = ([(set(), set()), (ALL, set()), (set(), ALL), (ALL, ALL)] +
         [case for option in OFF for case in (({option}, set()), (set(), {option}))])


def agreed(connection):
    """Those options that the kernel uses on this connection."""
    bits = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 16)[5]
    return {option for option in ALL if bits & TCPI_OPT[option]}


class EchoServer:
    """Sends back what comes, and notes what its kernel agreed on with whoever sent something."""

    def __init__(self, namespace, address, port):
        self.agreed = []
        self._listener = listen(namespace, address, port)
        self._listener.settimeout(None)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=[connection], daemon=True).start()

    def _echo(self, connection):
        with connection:
            try:
                while text := connection.recv(1 << 16):
                    connection.sendall(text)
                    self.agreed.append(agreed(connection))
            except ConnectionError:  # a health check
                pass

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class OptionsLab(LbLab):
    """Client, link, `weir lb`, link, two servers: Weir is server to the one kernel and client to the other."""

    def __init__(self, directory, weir_off, kernel_off):
        settings = [OFF[option][0] for option in sorted(weir_off)] + ([] if "ecn" in weir_off else ['ecn = "on"'])
        settings.append("rto_initial_ms = 3000")  # else a SYN that a busy machine answers late is sent again without ECN
        path = {"to_right": CLEAN, "to_left": CLEAN}
        super().__init__(directory, servers=2, port=PORT, tcp="\n".join(settings), link=path, back_link=path)
        for host in (self.client, self.server_host):
            host.sysctl("net.ipv4.tcp_ecn=1", "net.ipv4.tcp_ecn_fallback=0", *(OFF[option][1] for option in kernel_off))
        self.echoes = [EchoServer(self.server_host, address, PORT) for address in ("198.51.100.11", "2001:db8:0:2::12")]
        self.taps = [Tap(self.client, "eth0"), Tap(self.server_host, "eth0")]
        self.wait_for_healthy(2)

    def become(self, path):
        """Handshakes meet a clean path: an end may give ECN up when its SYN gets no answer."""
        for seed, link in enumerate((self.link, self.back_link)):
            link.become(path, path, seed)

    def close(self):
        for part in getattr(self, "echoes", []) + getattr(self, "taps", []):
            part.close()
        super().close()


def echo(lab, address, sent):
    lab.become(CLEAN)
    with connect(lab.client, address, 80) as connection:
        connection.sendall(sent[:1])
        assert connection.recv(1) == sent[:1]
        lab.become(BAD)
        back = Background(digest_of_all, connection)
        connection.sendall(sent[1:])
        uses = agreed(connection)
        connection.shutdown(socket.SHUT_WR)
        assert back.result() == (len(sent) - 1, hashlib.sha256(sent[1:]).hexdigest())
    for link in (lab.link, lab.back_link):
        for direction in link.counts().values():
            assert direction["lost"] > 5 and direction["late"] > 5 and bool(direction["marked"]) == ("ecn" in uses)
    return uses


def offered(syn):
    # RFC 3168 §6.1.1: both flags ask, one answers.
    ecn = syn.flags & (ECE | CWR) == (ECE if syn.has(ACK) else ECE | CWR)
    return {option for option in KIND if KIND[option] in syn.options} | ({"ecn"} if ecn else set())


def check_wire(seen, both, weir_on, kernel_on):
    """Segments of data connections at one kernel's interface, all checked for what they may and must carry."""
    syns, syn_acks = ([s for s in seen if s.has(SYN) and s.has(ACK) == acknowledges] for acknowledges in (False, True))
    assert syns and syn_acks
    for syn in syns:
        assert offered(syn) == (kernel_on if is_kernel(syn.source) else weir_on)
    assert all(offered(syn_ack) == both for syn_ack in syn_acks)
    weirs = [s for s in seen if not s.has(SYN) and not s.has(RST) and not is_kernel(s.source)]
    assert all((segments.TIMESTAMPS in s.options) == ("timestamps" in both) for s in weirs)
    assert any(segments.SACK in s.options for s in weirs) == ("sack" in both)
    check_congestion_marks(weirs, "ecn" in both)


def check_congestion_marks(weirs, agreed_on):
    """RFC 3168 §6.1: text is marked as capable, acknowledgments are not; what was marked on the way is reported, and what was
    reported is answered."""
    ect = [s for s in weirs if s.ecn != segments.NOT_ECT]
    assert all(s.length for s in ect) and bool(ect) == agreed_on
    assert any(s.has(ECE) for s in weirs) == agreed_on and any(s.has(CWR) for s in weirs) == agreed_on


def is_kernel(address):
    return address in ("192.0.2.1", "2001:db8:0:1::1", "198.51.100.11", "2001:db8:0:2::12")


def without_health_checks(seen):
    """Segments of the connections that carried data."""
    with_data = {frozenset(s.ports) for s in seen if s.length}
    return [s for s in seen if frozenset(s.ports) in with_data]


@pytest.mark.parametrize("weir_off,kernel_off", CASES,
                         ids=lambda off: "all" if off == ALL else "-".join(sorted(off)) or "none")
def test_both_ends_do_what_they_agreed_on(make, weir_off, kernel_off):
    lab = make(OptionsLab, weir_off=weir_off, kernel_off=kernel_off)
    before = lab.pools_at_rest()
    both = ALL - weir_off - kernel_off
    for salt, address in enumerate(lab.addresses):
        assert echo(lab, address, pseudo_random(SIZE, salt)) == both
    assert all(server.agreed and all(uses == both for uses in server.agreed) for server in lab.echoes)
    for tap in lab.taps:
        check_wire(without_health_checks(tap.segments()), both, ALL - weir_off, ALL - kernel_off)
    lab.wait_for_pools(before)
