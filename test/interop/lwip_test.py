"""lwIP, a second user-space stack, as client of `weir serve` and as server behind `weir lb`, over a clean link and a bad one."""

import hashlib
import json

import pytest

from labs import LbLab, ServeLab
from netns import end
from programs import BUILD, wait_until
from sockets import Background, connect, digest_of_all, pseudo_random, read_all

LWIP = BUILD / "test" / "lwip" / "weir-lwip"
FAMILIES = pytest.mark.parametrize("family", [0, 1], ids=["ipv4", "ipv6"])
# Without SACK and with timers of 250 ms lwIP mends losses slowly: small streams over the bad link.
LINKS = pytest.mark.parametrize("path,size", [("delay=1", 4 << 20), ("delay=1,loss=2,reorder=2,late=3,duplicate=1", 200_000)],
                                ids=["clean", "bad"])
CLIENT = ("192.0.2.1", "2001:db8:0:1::1")
SERVER = ("198.51.100.11", "2001:db8:0:2::12")


def both_ways(path):
    return {"to_right": path, "to_left": path, "seed": 13329}  # every harm early, but not to the first packets


class Lwip:
    """One lwIP on a host's interface, ready for traffic. The kernel gives up its addresses there first."""

    def __init__(self, lab, namespace, addresses, *mode):
        self._lab = lab
        namespace.run("ip", "address", "flush", "dev", "eth0")
        namespace.sysctl("net.ipv6.conf.all.disable_ipv6=1")
        self._process = lab.start(namespace, LWIP, "--interface", "eth0", "--v4", addresses[0], "--v6", addresses[1],
                                  *mode, stdout=-1, text=True)
        assert self._process.stdout.readline() == "ready\n"

    def outcome(self):
        return json.loads(Background(self._process.stdout.readline).result())

    def end(self):
        end(self._process)
        self._process.stdout.close()


def ask(make, path, family, *mode):
    """What an lwIP client of `weir serve` says of its conversation, and what the link did."""
    lab = make(ServeLab, link=both_ways(path))
    before = lab.pools_at_rest()
    lwip = Lwip(lab, lab.client, CLIENT, mode[0], lab.addresses[family], *mode[1:])
    outcome = lwip.outcome()
    assert not outcome["error"], outcome
    lab.wait_for_pools(before)
    lwip.end()
    return outcome, lab.link.counts()


def check_harm(counts, path):
    if "loss" in path:
        assert all(direction["lost"] and direction["late"] and direction["duplicated"] for direction in counts.values())


@FAMILIES
@LINKS
def test_lwip_reads_back_what_it_sends_at_the_same_time(make, family, path, size):
    outcome, counts = ask(make, path, family, "echo", 7, size)
    assert outcome == {"error": "", "sent": size, "received": size, "as_expected": True}
    check_harm(counts, path)


@FAMILIES
@LINKS
def test_weir_closes_first(make, family, path, size):
    request = f"GET /bytes/{size} HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\r\n"
    outcome, counts = ask(make, path, family, "fetch", 80, size, request)
    assert outcome["as_expected"] and size < outcome["received"] < size + 1000
    check_harm(counts, path)


def test_lwip_is_refused_where_nobody_listens(make):
    lab = make(ServeLab)
    lwip = Lwip(lab, lab.client, CLIENT, "echo", "192.0.2.2", 4321, 1000)
    assert "connect" in lwip.outcome()["error"]


class LwipServers(LbLab):
    """A kernel's client before `weir lb`, and lwIP as its two servers, one of each family."""

    def __init__(self, directory, path, mode):
        super().__init__(directory, servers=2, port=mode[1], back_link=both_ways(path))
        self.lwip = Lwip(self, self.server_host, SERVER, *mode)
        self.wait_for_healthy(2)

    def served(self):
        return {name: backend["total"] for name, backend in self.backends().items()}


@LINKS
def test_weir_is_client_of_an_lwip_that_echoes(make, path, size):
    lab = make(LwipServers, path=path, mode=("serve-echo", 7))
    before = lab.pools_at_rest()
    for salt in range(2):  # each server once
        sent = pseudo_random(size, salt)
        with connect(lab.client, lab.addresses[salt], 80) as connection:
            back = Background(digest_of_all, connection)
            connection.sendall(sent)
            connection.shutdown(1)
            assert back.result() == (len(sent), hashlib.sha256(sent).hexdigest())
    assert set(lab.served().values()) == {1}
    check_harm(lab.back_link.counts(), path)
    lab.wait_for_pools(before)


@LINKS
def test_weir_is_client_of_an_lwip_that_closes_first(make, path, size):
    lab = make(LwipServers, path=path, mode=("serve-source", 19, size))
    before = lab.pools_at_rest()
    for address in lab.addresses:
        with connect(lab.client, address, 80) as connection:
            connection.sendall(b"x" * 1000)
            assert read_all(connection) == bytes((n % 251 + n // 251 % 7) & 0xff for n in range(size))
    assert set(lab.served().values()) == {1}
    lab.wait_for_pools(before)
