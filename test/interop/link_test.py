"""test/link between two hosts: what it counts is what the far end sees."""

import collections
import contextlib
import socket
import struct
import time

import pytest

from link import Link
from netns import Lab
from programs import PATIENCE, wait_until

FRAMES = 5000
HEADER = bytes.fromhex("020000000002" "020000000001" "0800" "450005dc000040004006" "0000" "c0000201" "c0000202")
ETH_P_ALL = 3
SO_RCVBUFFORCE = 33  # above the system-wide limit; the module socket does not name it


def frame(number):
    """1,514 bytes that pass for TCP, with a number in them."""
    return (HEADER + bytes(20) + struct.pack("!I", number)).ljust(1514, b"\0")


class TwoHosts(Lab):
    def __init__(self, directory, **properties):
        super().__init__()
        self.ends = []
        self.left, self.right = self.host_of_weir("left"), self.host_of_weir("right")
        self.link = Link(self, (self.left, "eth0"), (self.right, "eth0"), **properties)
        self.ends = [self._raw(self.left), self._raw(self.right)]

    def _raw(self, namespace):
        with namespace.entered():
            end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        end.bind(("eth0", 0))
        return end

    def send(self, count=FRAMES, end=0, pause_every=50):
        for number in range(count):
            self.ends[end].send(frame(number))
            if pause_every and number % pause_every == 0:
                time.sleep(0.001)

    def final_counts(self, count, end):
        """The link's counts once it has delivered all that it will of so many frames."""
        counts = self.link.counts()["to_right" if end == 1 else "to_left"]
        kept = counts["offered"] - counts["queue_full"] - counts["lost"] + counts["duplicated"]
        return counts if counts["offered"] + counts["missed"] >= count and counts["delivered"] >= kept else None

    def numbers(self, count=FRAMES, end=1):
        """The numbers of all frames that come of those sent, in their order."""
        counts = wait_until(lambda: self.final_counts(count, end), lambda: f"the link to be empty: {self.link.counts()}")
        came = []
        for patience, enough in ((PATIENCE, counts["delivered"]), (0.1, 2 * count)):  # and then there is no more
            self.ends[end].settimeout(patience)
            with contextlib.suppress(TimeoutError):
                while len(came) < enough:
                    came += self._number(*self.ends[end].recvfrom(2048))
        return came

    @staticmethod
    def _number(packet, source):
        is_ours = source[2] != socket.PACKET_OUTGOING and packet[:12] == HEADER[:12]
        return struct.unpack("!I", packet[54:58]) if is_ours else ()

    def close(self):
        for end in self.ends:
            end.close()
        super().close()


def through(make, count=FRAMES, **properties):
    lab = make(TwoHosts, **properties)
    lab.send(count)
    came, counts = lab.numbers(count), lab.link.counts()["to_right"]
    assert counts["missed"] == counts["unfit"] == 0 and counts["offered"] >= count
    return came, counts


@pytest.mark.parametrize("end", [0, 1], ids=["to_right", "to_left"])
def test_a_link_without_properties_is_a_cable(make, end):
    lab = make(TwoHosts)
    lab.send(end=end)
    assert lab.numbers(end=1 - end) == list(range(FRAMES))


def test_what_is_lost_is_counted(make):
    came, counts = through(make, to_right="loss=5", seed=3)
    assert len(came) == len(set(came)) == FRAMES - counts["lost"]
    assert 190 <= counts["lost"] <= 310  # 250, and four standard deviations of 15


def test_losses_come_in_bursts(make):
    came, counts = through(make, to_right="loss=5,burst=5", seed=3)
    gaps = [later - earlier - 1 for earlier, later in zip(came, came[1:]) if later - earlier > 1]
    assert sum(gaps) == pytest.approx(counts["lost"], abs=20) and len(gaps) == pytest.approx(counts["bursts"], abs=1)
    assert 3 <= sum(gaps) / len(gaps) <= 7


def test_the_same_seed_loses_the_same_packets(make):
    one = through(make, 1000, to_right="loss=5", seed=3)[0]
    assert through(make, 1000, to_right="loss=5", seed=3)[0] == one
    assert through(make, 1000, to_right="loss=5", seed=4)[0] != one


def test_packets_overtake_one_another(make):
    came, counts = through(make, to_right="delay=1,reorder=2,late=5", seed=3)
    assert sorted(came) == list(range(FRAMES))
    highest, overtaken = -1, 0
    for number in came:
        overtaken += number < highest
        highest = max(highest, number)
    assert overtaken == counts["reordered"] > 0 and 60 <= counts["late"] <= 140  # 100, sd 10


def test_packets_arrive_twice(make):
    came, counts = through(make, to_right="duplicate=3", seed=3)
    twice = [number for number, times in collections.Counter(came).items() if times == 2]
    assert len(twice) == counts["duplicated"] == len(came) - FRAMES
    assert 100 <= len(twice) <= 200  # 150, sd 12


def test_a_full_queue_drops(make):
    lab = make(TwoHosts, to_right="rate=2,queue=100")
    lab.send(1000)
    came, counts = lab.numbers(1000), lab.link.counts()["to_right"]
    assert counts["queue_full"] == 1000 - len(came) > 0 and came[:100] == list(range(100))


def test_rate_and_delay_hold_packets_back(make):
    """Only the least that it can take: a busy machine takes longer."""
    lab = make(TwoHosts, to_right="rate=12,delay=100,queue=500")  # 1 ms a frame
    began = time.monotonic()
    lab.send(200, pause_every=0)
    lab.ends[1].settimeout(PATIENCE)
    came = [lab.ends[1].recv(2048) for _ in range(200)]
    assert len(came) == 200 and time.monotonic() - began >= 0.3


@pytest.mark.parametrize("properties", ["loss=101", "speed=3", "loss"])
def test_properties_that_do_not_exist_are_refused(make, properties):
    with pytest.raises(RuntimeError):
        make(TwoHosts, to_right=properties)
