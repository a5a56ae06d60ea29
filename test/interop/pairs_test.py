"""Two processes of Weir joined by a virtual NIC pair: a client on the kernel, `weir lb`, and `weir serve` behind it."""

import os
import signal

import pytest

from labs import ClientLab, process_section
from programs import Weir, wait_until, wrk
from sockets import connect

CUT_BY_THE_DEVICE = "virtio-user and vhost with TSO"
PAIRS = {
    "memif": ("net_memif0,role=server,socket={socket},socket-abstract=no,rsize=10",
              "net_memif0,role=client,socket={socket},socket-abstract=no,rsize=10"),
    "virtio-user and vhost": ("net_vhost0,iface={socket},queues=1",
                              "net_virtio_user0,path={socket},queues=1,queue_size=1024"),
    CUT_BY_THE_DEVICE: ("net_vhost0,iface={socket},queues=1,tso=1",
                                   "net_virtio_user0,path={socket},queues=1,queue_size=1024"),
}

LB = """
[[port]]
device = "net_af_packet0,iface=weir0"
addresses = ["192.0.2.2/24", "2001:db8:0:1::2/64"]
[[port]]
device = "{device}"
addresses = ["198.51.100.1/24", "2001:db8:0:2::1/64"]

[[service]]
name = "web"
listen = ["192.0.2.80:80", "[2001:db8:0:1::80]:80"]
source_addresses = ["198.51.100.2", "2001:db8:0:2::2"]
[service.health]
interval_ms = 200
timeout_ms = 5000                # a busy machine answers late
[[service.backend]]
name = "four"
address = "198.51.100.11:80"
[[service.backend]]
name = "six"
address = "[2001:db8:0:2::11]:80"
"""

SERVE = """
[[port]]
device = "{device}"
addresses = ["198.51.100.11/24", "2001:db8:0:2::11/64"]
[[server]]
kind = "http"
listen = ["198.51.100.11:80", "[2001:db8:0:2::11]:80"]
"""


class PairLab(ClientLab):
    def __init__(self, directory, pair):
        super().__init__(directory)
        self.pair = pair
        lb, serve = (device.format(socket=directory / "pair.sock") for device in PAIRS[pair])
        process = process_section()
        self.weir = Weir(self, self.weir_host, "lb", process + LB.format(device=lb), directory)
        self.serve_host = self.host_of_weir("serve")
        self.serve_config = process + SERVE.format(device=serve)
        self.start_serve()

    def start_serve(self):
        self.serve = Weir(self, self.serve_host, "serve", self.serve_config, self.directory)

    def healthy(self):
        return sum(backend["healthy"] and backend["last_check"] == "passed"
                   for backend in self.weir.ctl("services")["services"][0]["backends"])


@pytest.fixture(params=PAIRS)
def lab(request, make):
    lab = make(PairLab, pair=request.param)
    wait_until(lambda: lab.healthy() == 2, "both back ends healthy")
    return lab


def test_requests_cross_both_processes(lab):
    before = lab.pools_at_rest()
    for address in ("192.0.2.80", "[2001:db8:0:1::80]"):
        assert lab.client.run("curl", "-sgf", "-o", "/dev/null", "-w", "%{size_download}",
                              f"http://{address}/bytes/{64 << 20}") == str(64 << 20)
        for headers in ([], ["Connection: close"]):
            result = wrk(lab.client, f"http://{address}/", connections=20, seconds=2, headers=headers)
            assert result["requests"] > 20 and result["errors"] == [0, 0, 0, 0] and result["bad"] == 0, result["text"]
    lab.wait_for_pools(before)


def test_text_arrives_as_it_was_sent_whoever_cut_it(lab):
    body, length = lab.directory / "body", 16 << 20
    for address in ("192.0.2.80", "[2001:db8:0:1::80]"):
        lab.client.run("curl", "-sgf", "-o", body, f"http://{address}/bytes/{length}")
        assert body.read_bytes() == b"".join(b"%07x\n" % line for line in range(length // 8))
    port = lab.serve.ctl("status")["ports"][0]
    assert (port["tx_merged"] > length / 1500) == (lab.pair == CUT_BY_THE_DEVICE), port


def test_the_other_side_may_die_and_come_back(lab):
    held = connect(lab.client, "192.0.2.80", 80)
    os.kill(lab.serve.process.pid, signal.SIGKILL)
    lab.serve.process.wait()
    wait_until(lambda: lab.healthy() == 0, "the health check to notice")
    assert lab.weir.is_alive()
    held.close()
    lab.serve.socket.unlink(missing_ok=True)
    lab.start_serve()
    wait_until(lambda: lab.healthy() == 2, "both back ends healthy again")
    assert lab.client.run("curl", "-sgf", "-o", "/dev/null", "-w", "%{http_code}", "http://192.0.2.80/") == "200"
