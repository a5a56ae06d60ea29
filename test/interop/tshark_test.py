"""What tshark thinks of Weir's packets: over a cable that loses nothing, it has nothing to say against them."""

import socket
import struct
import subprocess

import pytest

import segments
from labs import ServeLab
from netns import end
from programs import PATIENCE, wait_until
from segments import ACK, SYN, Tap
from sockets import Background, connect, digest_of_all, pseudo_random, read_all, reset

MIB = 1 << 20
WEIR, WEIR6 = ServeLab.addresses
FROM_WEIR = f"(ip.src == {WEIR} || ipv6.src == {WEIR6})"
CHARGEN = 19
RTO_MIN_MS = 500
PROBES = 3
ETH_P_EXPERIMENT, LAST = 0x88b5, b"the last frame of the capture"
RESENT = "(tcp.analysis.retransmission || tcp.analysis.spurious_retransmission)"
# Nothing of this belongs on a path without loss. Zero-window probes do, towards a peer that has closed its window.
FAULTS = ["tcp.analysis.fast_retransmission", "tcp.analysis.out_of_order", "tcp.analysis.lost_segment", "tcp.analysis.ack_lost_segment",
          "tcp.analysis.keep_alive", "tcp.analysis.reused_ports", "(tcp && !(tcp.checksum.status == Good))",
          "(ip && !(ip.checksum.status == Good))", "_ws.malformed", "_ws.expert.severity == error",
          f"(tcp.analysis.zero_window_probe && tcp.port != {CHARGEN})"]


class Capture:
    """dumpcap on the client's interface, until it is read."""

    def __init__(self, lab):
        self.file = lab.directory / "capture.pcapng"
        self._dumpcap = lab.start(lab.client, "dumpcap", "-q", "-i", "eth0", "-B", "256", "-w", self.file,
                                  stderr=subprocess.DEVNULL)
        self._client = lab.client
        wait_until(lambda: self.file.exists() and self.file.stat().st_size > 0, "dumpcap to start")

    def end(self):
        """A last frame of its own kind tells that all before it are in the file."""
        with self._client.entered():
            mark = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        mark.bind(("eth0", 0))
        mark.send(bytes(12) + struct.pack("!H", ETH_P_EXPERIMENT) + LAST)
        mark.close()
        wait_until(lambda: LAST in self.file.read_bytes(), "dumpcap to write all of it")
        end(self._dumpcap)

    def find(self, what, *fields):
        """The packets that tshark finds, one line each."""
        show = [word for field in fields for word in ("-e", field)]
        done = subprocess.run(["tshark", "-r", self.file, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
                               "-Y", what, *(["-T", "fields", *show] if show else [])],
                              capture_output=True, text=True, timeout=10 * PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


def talk(lab, address):
    """Bulk to the client, bulk to Weir, both at once, and a reader that pauses."""
    lab.client.run("curl", "-sgf", "-o", "/dev/null", f"http://{f'[{address}]' if ':' in address else address}/bytes/{4 * MIB}")
    with connect(lab.client, address, 9) as connection:
        connection.sendall(pseudo_random(4 * MIB))
        connection.shutdown(socket.SHUT_WR)
        read_all(connection)
    with connect(lab.client, address, 7) as connection:
        back = Background(digest_of_all, connection)
        connection.sendall(pseudo_random(2 * MIB))
        connection.shutdown(socket.SHUT_WR)
        back.result()
    pause_while_weir_sends(lab, address)


def pause_while_weir_sends(lab, address):
    with lab.client.entered():
        reader = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100_000)
    reader.settimeout(2 * PATIENCE)
    reader.connect((address, CHARGEN))
    before = probes(lab)
    wait_until(lambda: probes(lab) >= before + PROBES, "probes of a closed window")
    read = 0
    while read < MIB:
        read += len(reader.recv(1 << 16))
    reset(reader)


def probes(lab):
    return lab.weir.ctl("status")["counters"]["zero_window_probes"]


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A capture of all that, and the same as segments."""
    lab = ServeLab.__new__(ServeLab)
    try:
        # No text is sent again by the clock only because the machine is busy.
        lab.__init__(tmp_path_factory.mktemp("tshark"), tcp=f"rto_min_ms = {RTO_MIN_MS}")
        capture, tap = Capture(lab), Tap(lab.client, "eth0")
        for address in lab.addresses:
            talk(lab, address)
        capture.end()
        yield capture, tap.segments()
        tap.close()
    finally:
        lab.close()


def test_tshark_finds_no_fault_with_weir(clean):
    capture, _ = clean
    assert len(capture.find(f"{FROM_WEIR} && tcp.len > 0", "frame.number")) > 2 * 6 * MIB // 1460
    assert capture.find(f"{FROM_WEIR} && ({' || '.join(FAULTS)})") == []


def test_nothing_is_sent_again_but_to_probe_for_a_lost_tail(clean):
    """RFC 8985 §7: an acknowledgment that takes longer than two round trips is asked for by the last segment, and by no
    other. Here round trips are short, and a kernel whose program pauses takes its time."""
    capture, _ = clean
    sent = [[int(word) for word in line.split()]
            for line in capture.find(f"{FROM_WEIR} && tcp.len > 0", "frame.number", "tcp.stream", "tcp.nxtseq")]
    resent = {int(line) for line in capture.find(f"{FROM_WEIR} && {RESENT}", "frame.number")}
    highest, probes = {}, 0
    for frame, stream, end_of_it in sent:
        if frame in resent:
            assert end_of_it == highest[stream], f"frame {frame} is no probe"
            probes += 1
        highest[stream] = max(highest.get(stream, 0), end_of_it)
    assert probes < len(sent) / 10


def test_a_closed_window_is_probed_ever_more_seldom(clean):
    capture, _ = clean
    for address in (WEIR, WEIR6):
        field = "ipv6.src" if ":" in address else "ip.src"
        lines = capture.find(f"{field} == {address} && tcp.port == {CHARGEN} && tcp.analysis.zero_window_probe",
                             "frame.time_relative", "tcp.len")
        times = [float(line.split()[0]) for line in lines]
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        assert len(times) >= PROBES and {line.split()[1] for line in lines} == {"1"}
        # Never sooner than this; later where the machine is busy.
        assert all(gap > 0.8 * 2 ** n * 2 * RTO_MIN_MS / 1000 for n, gap in enumerate(gaps))


def test_weir_stays_within_the_window_that_it_was_given(clean):
    """But for the one byte of a zero-window probe."""
    _, seen = clean
    scale, edge, checked = {}, {}, 0
    for s in seen:
        weirs = s.source in (WEIR, WEIR6)
        connection = s.ports if weirs else s.ports[::-1]
        if not weirs:
            if s.has(SYN):
                scale[connection] = s.options.get(segments.WINDOW_SCALE, b"\0")[0]
            elif s.has(ACK):
                right = (s.ack + (s.window << scale[connection])) % (1 << 32)
                if connection not in edge or after(right, edge[connection]):
                    edge[connection] = right
        elif s.length:
            end_of_it = (s.seq + s.length) % (1 << 32)
            assert not after(end_of_it, edge[connection]) or (s.length == 1 and end_of_it == edge[connection] + 1), s
            checked += 1
    assert checked > 1000


def after(one, other):
    return 0 < (one - other) % (1 << 32) < 1 << 31


def test_tshark_sees_retransmissions_where_there_is_loss(make):
    """The twin: a capture in which something is to be found."""
    lab = make(ServeLab, link={"to_left": "loss=2,delay=1"})
    capture = Capture(lab)
    lab.client.run("curl", "-sgf", "-o", "/dev/null", f"http://{WEIR}/bytes/{MIB}")
    capture.end()
    # Of several lost in a row the capture shows fewer gaps, and none of a lost end.
    lost = lab.link.counts()["to_left"]["lost"]
    assert len(capture.find(f"{FROM_WEIR} && ({' || '.join([RESENT, *FAULTS])})")) >= lost / 2 > 0
