"""Several workers on several queues: each serves traffic, and what lands at the wrong one crosses by the ring."""

import pytest

from labs import LbLab, ServeLab
from programs import wait_until, wrk
from sockets import connect, read_all

MISSTEER = pytest.mark.parametrize("every", [0, 10], ids=["as the kernel spreads", "every tenth flow mis-steered"])


def workers(lab):
    return lab.weir.ctl("status")["workers"]


def exercise(lab, address):
    for headers in ([], ["Connection: close"]):
        for host in address:
            result = wrk(lab.client, f"http://{host}/", connections=40, seconds=2, headers=headers)
            assert result["requests"] > 40 and result["errors"] == [0, 0, 0, 0] and result["bad"] == 0, result["text"]


def total(snapshot, field):
    return sum(worker[field] for worker in snapshot)


def check_rings(lab):
    # Health checks go on, so a snapshot may meet a packet inside a ring; one that was lost would never be made up.
    def all_arrived():
        seen = workers(lab)
        return total(seen, "handed_over") == total(seen, "taken_over")

    wait_until(all_arrived, "every packet handed over to be taken over")
    assert total(workers(lab), "handed_over") > 0
    assert total(workers(lab), "hand_over_full") == 0


@MISSTEER
def test_every_worker_of_serve_has_traffic(make, every):
    lab = make(ServeLab, workers=2, process=f"missteer_every = {every}")
    before = lab.pools_at_rest()
    exercise(lab, ["192.0.2.2", "[2001:db8:0:1::2]"])
    assert len(workers(lab)) == 2 and all(worker["rx_packets"] > 100 for worker in workers(lab))
    lab.wait_for_pools(before)
    if every:
        check_rings(lab)


@MISSTEER
def test_every_worker_of_lb_has_traffic_and_the_ring_carries_packets(make, every):
    lab = make(LbLab, workers=2, process=f"missteer_every = {every}")
    lab.wait_for_healthy(3)
    before = lab.pools_at_rest()
    exercise(lab, ["192.0.2.80", "[2001:db8:0:1::80]"])
    assert len(workers(lab)) == 2 and all(worker["rx_packets"] > 100 for worker in workers(lab))
    lab.wait_for_pools(before)
    check_rings(lab)


def established(lab):
    listed = lab.weir.ctl("connections", "--state", "ESTABLISHED")["connections"]
    return {int(entry["remote"].rsplit(":", 1)[1]) for entry in listed}


def test_connections_held_by_both_workers_are_all_listed(make):
    lab = make(ServeLab, workers=2)
    connections = [connect(lab.client, lab.addresses[n % 2], 7) for n in range(64)]
    ports = {connection.getsockname()[1] for connection in connections}
    # The last handshake may still be ending.
    wait_until(lambda: established(lab) == ports, lambda: f"{len(ports)} connections, of which {len(established(lab))} are there")
    for connection in connections:
        connection.shutdown(1)
        assert read_all(connection) == b""
        connection.close()
