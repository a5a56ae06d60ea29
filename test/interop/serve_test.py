"""The Linux kernel as client of `weir serve`, over veth and net_af_packet."""

import hashlib
import socket

import pytest

from labs import ServeLab
from programs import PATIENCE, wait_until, wrk
from sockets import Background, connect, digest_of_all, pseudo_random, read_all, reset

MIB = 1 << 20
FAMILIES = pytest.mark.parametrize("address", ServeLab.addresses, ids=["ipv4", "ipv6"])


def url(address, path="/"):
    return f"http://[{address}]{path}" if ":" in address else f"http://{address}{path}"


@FAMILIES
def test_curl_gets_an_answer(serve, address):
    assert serve.client.run("curl", "-sgf", "-w", "%{http_code} %{size_download}", "-o", "/dev/null",
                            url(address)) == "200 1024"


@FAMILIES
def test_a_large_download_arrives_whole(serve, address):
    file = serve.directory / "download"
    serve.client.run("curl", "-sgf", "-o", file, url(address, f"/bytes/{64 * MIB}"))
    assert file.read_bytes() == b"".join(b"%07x\n" % number for number in range(64 * MIB // 8))


@FAMILIES
def test_a_large_stream_comes_back_as_it_was_sent(serve, address):
    sent = pseudo_random(64 * MIB)
    with connect(serve.client, address, 7) as connection:
        back = Background(digest_of_all, connection)
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert back.result() == (len(sent), hashlib.sha256(sent).hexdigest())


@FAMILIES
def test_data_flows_on_after_the_client_has_closed_its_direction(serve, address):
    with connect(serve.client, address, 7) as connection:
        connection.sendall(b"x" * 300_000)
        connection.shutdown(socket.SHUT_WR)
        assert len(read_all(connection)) == 300_000


@FAMILIES
def test_discard_takes_everything_and_closes(serve, address):
    with connect(serve.client, address, 9) as connection:
        connection.sendall(pseudo_random(8 * MIB))
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""


@FAMILIES
def test_a_slow_reader_holds_the_sender_back_and_loses_nothing(serve, address):
    with connect(serve.client, address, 19) as connection:
        wait_until(lambda: [c for c in serve.weir.ctl("connections", "--state", "ESTABLISHED")["connections"]
                            if c["snd_wnd"] < 1000], "a closed window")
        line = read_exactly(connection, 74)
        assert line.endswith(b"\r\n") and len(read_exactly(connection, 10 * MIB)) == 10 * MIB
        reset(connection)


def read_exactly(connection, count):
    pieces = bytearray()
    while len(pieces) < count:
        piece = connection.recv(min(1 << 18, count - len(pieces)))
        assert piece, "the stream ended early"
        pieces += piece
    return bytes(pieces)


@FAMILIES
def test_two_thousand_connections_one_after_the_other(serve, address):
    for number in range(2000):
        with connect(serve.client, address, 7) as connection:
            message = f"connection {number}".encode()
            connection.sendall(message)
            connection.shutdown(socket.SHUT_WR)
            assert read_all(connection) == message


@FAMILIES
def test_two_hundred_connections_at_once(serve, address):
    connections = [connect(serve.client, address, 7) for _ in range(200)]
    for number, connection in enumerate(connections):
        connection.sendall(f"connection {number}".encode())
        connection.shutdown(socket.SHUT_WR)
    for number, connection in enumerate(connections):
        assert read_all(connection) == f"connection {number}".encode()
        connection.close()


@FAMILIES
def test_wrk_sees_no_error(serve, address):
    result = wrk(serve.client, url(address), connections=50, seconds=3)
    assert result["requests"] > 50 and result["errors"] == [0, 0, 0, 0] and result["bad"] == 0, result["text"]


@FAMILIES
def test_wrk_sees_no_error_with_a_new_connection_for_each_request(serve, address):
    result = wrk(serve.client, url(address), connections=20, seconds=3, headers=["Connection: close"])
    assert result["requests"] > 20 and result["errors"] == [0, 0, 0, 0] and result["bad"] == 0, result["text"]


@FAMILIES
def test_a_port_where_nobody_listens_refuses(serve, address):
    with pytest.raises(ConnectionRefusedError):
        connect(serve.client, address, 4321)


@FAMILIES
def test_a_client_that_resets_leaves_nothing_behind(serve, address):
    for _ in range(100):
        connection = connect(serve.client, address, 19)
        connection.recv(1000)
        reset(connection)


@FAMILIES
def test_ping_is_answered(serve, address):
    serve.client.run("ping", "-c", "3", "-i", "0.1", "-W", PATIENCE, address)


@FAMILIES
def test_garbage_instead_of_http_is_answered_with_an_error(serve, address):
    with connect(serve.client, address, 80) as connection:
        connection.sendall(b"\0\1\2 nonsense\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 400")


@FAMILIES
def test_pools_show_a_connection_that_is_still_open(serve, address):
    """The twin of every test here: one connection held open must be seen, or the fixture's check means nothing."""
    before = serve.pools_at_rest()
    with connect(serve.client, address, 7):
        with pytest.raises(TimeoutError):
            serve.wait_for_pools(before, seconds=3)
    serve.wait_for_pools(before)
