"""curl, wrk and sockets through `weir lb` to nginx and to sockets on the kernel."""

import hashlib
import os
import select
import signal
import socket

import pytest

from labs import LbLab
from programs import PATIENCE, wait_until, wrk
from sockets import Background, ask, connect, digest_of_all, listen, pseudo_random, read_all, reset

MIB = 1 << 20
FAMILIES = pytest.mark.parametrize("address", LbLab.addresses, ids=["ipv4", "ipv6"])


def url(address, path="/"):
    return f"http://[{address}]{path}" if ":" in address else f"http://{address}{path}"


@FAMILIES
def test_round_robin_reaches_every_server(lb, address):
    answers = [lb.client.run("curl", "-sgf", url(address)).split()[0] for _ in range(9)]
    assert sorted(answers) == ["web-1"] * 3 + ["web-2"] * 3 + ["web-3"] * 3


def test_servers_see_the_source_addresses_of_the_pool(lb):
    seen = {lb.client.run("curl", "-sgf", url("192.0.2.80")).split()[1] for _ in range(12)}
    assert seen <= {"198.51.100.2", "198.51.100.3", "2001:db8:0:2::2"} and len(seen) >= 2


@FAMILIES
def test_files_arrive_unchanged_in_both_directions(lb, address):
    (lb.directory / "file").write_bytes(pseudo_random(64 * MIB))
    for _ in range(3):  # each server once
        lb.client.run("curl", "-sgf", "-o", lb.directory / "down", url(address, "/file"))
        assert sha256(lb.directory / "down") == sha256(lb.directory / "file")
    lb.client.run("curl", "-sgf", "-T", lb.directory / "file", url(address, "/upload/up"))
    uploads = [server.upload("up") for server in lb.servers.values() if server.upload("up").exists()]
    assert [sha256(upload) for upload in uploads] == [sha256(lb.directory / "file")]
    for upload in uploads:
        upload.unlink()


def sha256(file):
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def test_a_gibibyte_arrives_unchanged_in_both_directions(make):
    lab = make(LbLab, servers=1)
    lab.wait_for_healthy(1)
    piece = pseudo_random(16 * MIB)
    with (lab.directory / "file").open("wb") as file:
        for number in range(64):
            file.write(number.to_bytes(8, "big") + piece[8:])
    lab.client.run("curl", "-sgf", "-o", lab.directory / "down", url("192.0.2.80", "/file"))
    assert sha256(lab.directory / "down") == sha256(lab.directory / "file")
    (lab.directory / "down").unlink()
    lab.client.run("curl", "-sgf", "-T", lab.directory / "file", url("2001:db8:0:1::80", "/upload/up"))
    assert sha256(lab.servers["web-1"].upload("up")) == sha256(lab.directory / "file")


@FAMILIES
def test_wrk_sees_no_error(lb, address):
    result = wrk(lb.client, url(address), connections=50, seconds=3)
    assert result["requests"] > 50 and result["errors"] == [0, 0, 0, 0] and result["bad"] == 0, result["text"]


@FAMILIES
def test_wrk_sees_no_error_with_a_new_connection_for_each_request(lb, address):
    result = wrk(lb.client, url(address), connections=20, seconds=3, headers=["Connection: close"])
    assert result["requests"] > 20 and result["errors"] == [0, 0, 0, 0] and result["bad"] == 0, result["text"]


def test_pools_show_a_connection_that_is_still_open(lb):
    """The twin of the tests that find every pool as it was."""
    before = lb.pools_at_rest()
    with connect(lb.client, "192.0.2.80", 80):
        with pytest.raises(TimeoutError):
            lb.wait_for_pools(before, seconds=3)
    lb.wait_for_pools(before)


def test_one_dead_server_is_noticed_by_nobody_but_its_own_connections(make):
    lab = make(LbLab)
    lab.wait_for_healthy(3)
    before = lab.pools_at_rest()
    held = [connect(lab.client, lab.addresses[n % 2], 80) for n in range(9)]
    owners = [ask(connection) for connection in held]
    load = Background(wrk, lab.client, url("192.0.2.80"), 20, 4, ["Connection: close"])
    dead = lab.servers["web-2"].process
    wait_until(lambda: lab.service()["total"] > 50, "wrk to get going")
    on_web_2 = lab.server_host
    on_web_2.nft("table inet cut { chain in { type filter hook input priority 0; ip daddr 198.51.100.12 drop; }\n}\n")
    open_then = len(on_web_2.run("ss", "-Htn", "state", "connected", "exclude", "time-wait", "src",
                                 "198.51.100.12:80").splitlines())
    # The master first: it would start a worker anew for the one that it sees die.
    for pid in [dead.pid] + children(dead.pid):
        os.kill(pid, signal.SIGKILL)
    dead.wait()
    on_web_2.run("nft", "delete", "table", "inet", "cut")
    result = load.result()
    failures = sum(result["errors"]) + result["bad"]
    still = [ask(connection) for connection in held]
    lost = [owner for owner, now in zip(owners, still) if now is None]
    assert set(lost) <= {"web-2"} and owners.count("web-2") == len(lost) >= 1
    assert all(owner == now for owner, now in zip(owners, still) if now)
    assert failures + len(lost) <= open_then, result["text"]
    assert all(lab.client.run("curl", "-sgf", url(a)).split()[0] != "web-2" for a in lab.addresses * 3)
    for connection in held:
        connection.close()
    lab.wait_for_healthy(2)
    lab.wait_for_pools(before)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


# The rest talks to servers of the test's own, so that each step of a connection's life can be chosen.


@pytest.fixture
def pair(make):
    """pair() opens a connection through Weir and gives both of its far ends."""
    lab = make(LbLab, servers=1, port=8080)
    listener = listen(lab.server_host, "2001:db8:0:2::11", 8080)
    lab.wait_for_healthy(1)
    before = lab.pools_at_rest()
    opened = []

    def open_pair(address="192.0.2.80"):
        client = connect(lab.client, address, 80)
        client.sendall(b"hello")
        server = accept_with_data(listener)
        opened.extend((client, server))
        return client, server

    open_pair.lab = lab
    yield open_pair
    for end_of_it in opened:
        end_of_it.close()
    keep_accepting = Background(drain_checks, listener)
    lab.wait_for_pools(before)
    listener.shutdown(socket.SHUT_RDWR)
    keep_accepting.join()
    listener.close()


def accept_with_data(listener):
    """The next connection that carries data: health checks carry none."""
    while True:
        connection, _ = listener.accept()
        connection.settimeout(2 * PATIENCE)
        try:
            if connection.recv(5) == b"hello":
                return connection
        except ConnectionResetError:
            pass
        connection.close()


def drain_checks(listener):
    try:
        while True:
            listener.accept()[0].close()
    except OSError:
        pass


def test_half_close_of_the_client_passes_and_the_answer_still_comes(pair):
    client, server = pair()
    client.sendall(b"question")
    client.shutdown(socket.SHUT_WR)
    assert read_all(server) == b"question"
    answer = Background(digest_of_all, client)
    server.sendall(sent := pseudo_random(4 * MIB))
    server.close()
    assert answer.result() == (len(sent), hashlib.sha256(sent).hexdigest())


def test_half_close_of_the_server_passes_and_requests_still_flow(pair):
    client, server = pair("2001:db8:0:1::80")
    server.shutdown(socket.SHUT_WR)
    assert read_all(client) == b""
    question = Background(digest_of_all, server)
    client.sendall(sent := pseudo_random(4 * MIB))
    client.close()
    assert question.result() == (len(sent), hashlib.sha256(sent).hexdigest())


def test_a_reset_of_the_client_reaches_the_server(pair):
    client, server = pair()
    reset(client)
    with pytest.raises(ConnectionResetError):
        read_all(server)


def test_a_reset_of_the_server_reaches_the_client(pair):
    client, server = pair()
    reset(server)
    with pytest.raises(ConnectionResetError):
        read_all(client)


def test_a_server_that_does_not_read_holds_the_client_back_within_the_bound(pair):
    client, server = pair()
    client.setblocking(False)
    sent = 0
    data = pseudo_random(MIB)
    try:
        while sent < 64 * MIB:
            sent += client.send(data)
    except BlockingIOError:
        pass
    sent += keep_trying(client, data)
    # What is on the way: both kernels' buffers and Weir's own.
    assert sent < 24 * MIB
    client.setblocking(True)
    received = Background(digest_of_all, server)
    client.shutdown(socket.SHUT_WR)
    assert received.result()[0] == sent


def keep_trying(connection, data, seconds=2):
    """Bytes that can still be sent until nothing moves for a while."""
    sent = 0
    while select.select([], [connection], [], seconds)[1]:
        try:
            sent += connection.send(data)
        except BlockingIOError:
            pass
    return sent


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_proxy_protocol_tells_the_server_who_the_client_is(make, version):
    lab = make(LbLab, service=f'proxy_protocol = "{version}"', proxy_protocol=True)
    lab.wait_for_healthy(3)
    for _ in range(3):
        assert lab.client.run("curl", "-sgf", url("192.0.2.80")).split()[1] == "192.0.2.1"
        assert lab.client.run("curl", "-sgf", url("2001:db8:0:1::80")).split()[1] == "2001:db8:0:1::1"


def test_least_connections_reaches_every_server(make):
    lab = make(LbLab, scheduler="least_connections")
    lab.wait_for_healthy(3)
    assert {lab.client.run("curl", "-sgf", url(address)).split()[0] for address in lab.addresses for _ in range(6)} == \
        {"web-1", "web-2", "web-3"}


def test_maglev_keeps_each_client_with_its_server(make):
    """The secret is made up at start: any two clients may share a server, but hardly so many."""
    lab = make(LbLab, scheduler="maglev")
    lab.wait_for_healthy(3)
    clients = [f"192.0.2.{n}" for n in range(101, 113)] + [f"2001:db8:0:1::{n}" for n in range(101, 113)]
    lab.client.add_addresses("eth0", *(f"{client}/{64 if ':' in client else 24}" for client in clients))

    def server_of(client):
        return lab.client.run("curl", "-sgf", "--interface", client, url(lab.addresses[":" in client])).split()[0]

    servers = [server_of(client) for client in clients]
    assert len(set(servers)) >= 2
    assert [server_of(client) for client in clients] == servers


def test_a_silent_server_is_passed_over_within_the_connect_timeout(make):
    """Refusal is the other tests' subject; here a back end says nothing at all and no check has found out yet."""
    lab = make(LbLab)
    lab.wait_for_healthy(3)
    lab.server_host.nft("table inet cut { chain in { type filter hook input priority 0;"
                        " ip daddr 198.51.100.11 drop; }\n}\n")
    for _ in range(6):
        lab.client.run("curl", "-sgf", "--max-time", str(PATIENCE), url("192.0.2.80"))
