"""The cable is pulled and put back: connections outlive it, and new ones are opened as before."""

import hashlib
import socket
import time

import pytest

from labs import ServeLab
from programs import wait_until
from sockets import Background, connect, digest_of_all, pseudo_random, read_all

FAMILIES = pytest.mark.parametrize("address", ServeLab.addresses, ids=["ipv4", "ipv6"])
# Whose end goes down: the other then has no carrier.
ENDS = pytest.mark.parametrize("end", ["client", "weir"])


def is_up(lab):
    return all(port["link"] for port in lab.weir.ctl("status")["ports"])


def pull(lab, end, seconds):
    """The kernel's addresses stay, as they would on a NIC without carrier."""
    lab.client.sysctl("net.ipv6.conf.eth0.keep_addr_on_down=1")
    host, interface = (lab.client, "eth0") if end == "client" else (lab.weir_host, "weir0")
    host.run("ip", "link", "set", interface, "down")
    wait_until(lambda: not is_up(lab), "Weir to see that the link is down")
    time.sleep(seconds)
    host.run("ip", "link", "set", interface, "up")
    wait_until(lambda: is_up(lab), "Weir to see that the link is up")


@FAMILIES
@ENDS
def test_a_transfer_goes_on_when_the_link_is_back(make, address, end):
    lab = make(ServeLab)
    before = lab.pools_at_rest()
    sent = pseudo_random(8 << 20)
    with connect(lab.client, address, 7) as connection:
        back = Background(digest_of_all, connection)
        connection.sendall(sent[:len(sent) // 2])
        pull(lab, end, 0.5)
        connection.sendall(sent[len(sent) // 2:])
        connection.shutdown(socket.SHUT_WR)
        assert back.result() == (len(sent), hashlib.sha256(sent).hexdigest())
    with connect(lab.client, address, 7) as connection:
        connection.sendall(b"again")
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b"again"
    lab.wait_for_pools(before)
