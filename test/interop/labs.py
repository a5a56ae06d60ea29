"""Layouts that tests share: a client before `weir serve`, and a client, `weir lb` and its servers."""

import time

from link import Link
from netns import Lab
from programs import PATIENCE, Nginx, Weir, wait_until

PROCESS = """
[process]
workers = {workers}
huge_pages = "never"
connections = 16384
packets = 32768
idle_sleep_us = {idle_sleep_us}
{process}
[tcp]
msl_ms = 500                     # TIME-WAIT of 1 s: tests wait until it is over
{tcp}
"""

ROUTES = """
[[route]]
to = "0.0.0.0/0"
via = "192.0.2.1"
[[route]]
to = "::/0"
via = "2001:db8:0:1::1"
"""

SERVE = """
[[port]]
device = "net_af_packet0,iface=weir0,qpairs={workers}"
addresses = ["192.0.2.2/24", "2001:db8:0:1::2/64"]
""" + ROUTES + """
[[server]]
kind = "http"
listen = ["192.0.2.2:80", "[2001:db8:0:1::2]:80"]
[[server]]
kind = "echo"
listen = ["192.0.2.2:7", "[2001:db8:0:1::2]:7"]
[[server]]
kind = "discard"
listen = ["192.0.2.2:9", "[2001:db8:0:1::2]:9"]
[[server]]
kind = "chargen"
listen = ["192.0.2.2:19", "[2001:db8:0:1::2]:19"]
"""

LB_PORTS = """
[[port]]
device = "net_af_packet0,iface=weir0,qpairs={workers}"
addresses = ["192.0.2.2/24", "2001:db8:0:1::2/64"]
[[port]]
device = "net_af_packet1,iface=back0,qpairs={workers}"
addresses = ["198.51.100.1/24", "2001:db8:0:2::1/64"]
""" + ROUTES

LB_SERVICE = """
[[service]]
name = "web"
listen = ["192.0.2.80:80", "[2001:db8:0:1::80]:80"]
mode = "proxy"
scheduler = "{scheduler}"
source_addresses = ["198.51.100.2", "198.51.100.3", "2001:db8:0:2::2"]
retries = 2
connect_timeout_ms = 4000
{service}
[service.health]
interval_ms = 200
timeout_ms = 5000                # a busy machine answers late, and a lossy path later
rise = 1
fall = 2
"""

BACKEND = """
[[service.backend]]
name = "{name}"
address = "{address}:{port}"
"""


def process_section(workers=1, process="", tcp="", idle_sleep_us=100):
    return PROCESS.format(workers=workers, process=process, tcp=tcp, idle_sleep_us=idle_sleep_us)


class ClientLab(Lab):
    """A client host before a host of Weir's, joined by a cable, by a router that loses packets, or by a Link of
    the properties given."""

    def __init__(self, directory, loss=None, link=None):
        super().__init__()
        self.directory = directory
        self.client = self.namespace("client")
        self.weir_host = self.host_of_weir()
        self.router = self.link = None
        if loss is not None:
            self._join_by_router(loss)
        else:
            self.link = self._join((self.client, "eth0"), (self.weir_host, "weir0"), link)
            self.client.add_addresses("eth0", "192.0.2.1/24", "2001:db8:0:1::1/64")
        self.client.sysctl("net.ipv4.ip_local_port_range=1024 65535")

    def _join(self, left, right, link):
        return self.cable(*left, *right) if link is None else Link(self, left, right, **link)

    def _join_by_router(self, loss):
        self.router = self.namespace("router")
        self.cable(self.client, "eth0", self.router, "client0")
        self.cable(self.router, "weir0", self.weir_host, "weir0")
        self.client.add_addresses("eth0", "203.0.113.2/24", "2001:db8:0:9::2/64")
        self.router.add_addresses("client0", "203.0.113.1/24", "2001:db8:0:9::1/64")
        self.router.add_addresses("weir0", "192.0.2.1/24", "2001:db8:0:1::1/64")
        self.router.sysctl("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        self.client.add_routes([("default", "203.0.113.1"), ("default", "2001:db8:0:9::1")])
        self.router.lose(loss)

    def pools(self):
        return {pool["name"]: pool["in_use"] for pool in self.weir.ctl("status")["pools"]}

    # A health check may be under way in any one look; not in all of them.
    def pools_at_rest(self):
        """What each pool is to be back at once every connection has ended."""
        lowest = self.pools()
        for _ in range(20):
            time.sleep(0.03)
            lower(lowest, self.pools())
        return lowest

    def wait_for_pools(self, expected, seconds=2 * PATIENCE):
        """Until each pool, for itself, has been seen as empty as expected."""
        lowest = self.pools()

        def are_back():
            lower(lowest, self.pools())
            return all(lowest[name] <= in_use for name, in_use in expected.items())

        wait_until(are_back, lambda: f"pools at {expected}; the lowest seen were {lowest}", seconds)


def lower(lowest, pools):
    lowest.update({name: min(in_use, lowest[name]) for name, in_use in pools.items()})


class ServeLab(ClientLab):
    addresses = ("192.0.2.2", "2001:db8:0:1::2")

    def __init__(self, directory, loss=None, workers=1, process="", tcp="", idle_sleep_us=100, link=None):
        super().__init__(directory, loss, link)
        config = process_section(workers, process, tcp, idle_sleep_us) + SERVE.format(workers=workers)
        self.weir = Weir(self, self.weir_host, "serve", config, directory)


class LbLab(ClientLab):
    """The client, Weir, and one host with `servers` nginx servers; the last of them is reached by IPv6."""

    addresses = ("192.0.2.80", "2001:db8:0:1::80")

    def __init__(self, directory, loss=None, workers=1, servers=3, process="", tcp="", service="", proxy_protocol=False,
                 port=80, scheduler="round_robin", link=None, back_link=None):
        super().__init__(directory, loss, link)
        self.server_host = self.namespace("servers")
        self.back_link = self._join((self.weir_host, "back0"), (self.server_host, "eth0"), back_link)
        self.server_host.add_addresses("eth0", "198.51.100.254/24", "2001:db8:0:2::fe/64")
        self.servers, backends = {}, ""
        for number in range(1, servers + 1):
            address = f"[2001:db8:0:2::1{number}]" if number == servers else f"198.51.100.1{number}"
            prefix = "64" if ":" in address else "24"
            self.server_host.add_addresses("eth0", f"{address.strip('[]')}/{prefix}")
            backends += BACKEND.format(name=f"web-{number}", address=address, port=port)
            if port == 80:
                self.servers[f"web-{number}"] = Nginx(self, self.server_host, f"web-{number}", [address], directory,
                                                      proxy_protocol)
        config = (process_section(workers, process, tcp) + LB_PORTS.format(workers=workers) +
                  LB_SERVICE.format(service=service, scheduler=scheduler))
        self.weir = Weir(self, self.weir_host, "lb", config + backends, directory)

    def service(self):
        return self.weir.ctl("services")["services"][0]

    def backends(self):
        return {backend["name"]: backend for backend in self.service()["backends"]}

    def wait_for_healthy(self, count):
        """Back ends count as up until they are checked: that is not enough."""
        wait_until(lambda: sum(backend["healthy"] and backend["last_check"] == "passed"
                               for backend in self.backends().values()) == count, f"{count} healthy back ends")
