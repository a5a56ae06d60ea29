"""The Linux kernel and Weir over a router that loses packets, in both directions."""

import hashlib
import socket

import pytest

from labs import LbLab, ServeLab
from sockets import Background, connect, digest_of_all, pseudo_random

MIB = 1 << 20
LONG = 900  # s: a loss takes as long to mend as the machine is slow
LOSS = pytest.mark.parametrize("percent,size", [(1, 32 * MIB), (5, 8 * MIB)], ids=["1%", "5%"])


def echo(lab, address, sent):
    with connect(lab.client, address, 7, timeout=LONG) as connection:
        back = Background(digest_of_all, connection)
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert back.result(LONG) == (len(sent), hashlib.sha256(sent).hexdigest())


@LOSS
def test_streams_through_serve_arrive_unchanged(make, percent, size):
    lab = make(ServeLab, loss=percent)
    before = lab.pools_at_rest()
    for salt, address in enumerate(lab.addresses):
        echo(lab, address, pseudo_random(size, salt))
    assert lab.router.dropped() > 100
    lab.wait_for_pools(before)


@LOSS
def test_files_through_lb_arrive_unchanged(make, percent, size):
    lab = make(LbLab, loss=percent, servers=1)
    lab.wait_for_healthy(1)
    before = lab.pools_at_rest()
    sent = pseudo_random(size)
    (lab.directory / "file").write_bytes(sent)
    for address in ("192.0.2.80", "[2001:db8:0:1::80]"):
        lab.client.run("curl", "-sgf", "-o", lab.directory / "down", f"http://{address}/file")
        assert (lab.directory / "down").read_bytes() == sent
        lab.client.run("curl", "-sgf", "-T", lab.directory / "file", f"http://{address}/upload/up")
        assert lab.servers["web-1"].upload("up").read_bytes() == sent
    assert lab.router.dropped() > 100
    lab.wait_for_pools(before)


@pytest.mark.parametrize("percent", [1, 5])
def test_hundreds_of_short_connections_all_come_to_their_end(make, percent):
    lab = make(ServeLab, loss=percent)
    before = lab.pools_at_rest()
    connections = [connect(lab.client, lab.addresses[n % 2], 7) for n in range(300)]
    for n, connection in enumerate(connections):
        connection.sendall(b"%d" % n)
        connection.shutdown(socket.SHUT_WR)
    for n, connection in enumerate(connections):
        assert connection.recv(100) == b"%d" % n and connection.recv(100) == b""
        connection.close()
    lab.wait_for_pools(before)
