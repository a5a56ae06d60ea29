"""What bench/compare has its contestants do, and how it is measured: connections with one request each, which the server
closes first."""

import contextlib
import dataclasses
import os
import pathlib
import re

from netns import Lab
from programs import wrk

BODY = 100
ADDRESS = {"loopback": "127.0.0.1", "veth": "192.0.2.2"}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Figures:
    """Of one round of one contestant. Rates are a second; CPU is microseconds of a connection."""
    connections: float
    errors: int
    bytes_each: float         # what a client reads for one connection, heads included
    packets: float            # of both directions, for one connection
    cpu_server: float
    cpu_client: float
    cpu_machine: float        # all cores together, interrupts too
    time_wait_server: int | None  # None: it does not tell
    time_wait_client: int

    def closed_first(self):
        """Who closes first keeps TIME_WAIT. The client's last connections are cut off by its end, at most one each."""
        if self.time_wait_server is None:
            return "server" if self.time_wait_client < self.connections / 2 else "client"
        return "server" if self.time_wait_server > self.time_wait_client else "client"


def cpu_of(process):
    """Seconds that a process and its children have had, those still running too."""
    total, left = 0, [process.pid]
    while left:
        pid = left.pop()
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
            left += map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return total / TICKS


def cpu_of_machine():
    """Seconds of all cores, idle ones and those waited for left out."""
    user, nice, system, _, _, interrupts, soft = map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:8])
    return (user + nice + system + interrupts + soft) / TICKS


def cpus():
    """For the server, and for its client."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def segments(namespace):
    """TCP segments that the kernel there took in and sent."""
    rows = [line.split() for line in namespace.run("cat", "/proc/net/snmp").splitlines() if line.startswith("Tcp:")]
    row = dict(zip(*rows))
    return int(row["InSegs"]), int(row["OutSegs"])


def time_waits(namespace):
    """Sockets in TIME_WAIT whose local port is the server's, and the others."""
    local = [line.split()[2] for line in namespace.run("ss", "-Htan", "state", "time-wait").splitlines()]
    of_server = sum(address.endswith(":80") for address in local)
    return of_server, len(local) - of_server


class Meter:
    """What has been used since it was made: CPU seconds of the server, of programs that were run and ended, and of all
    cores; TCP segments into a host's kernel, and out of it."""

    def __init__(self, server, host=None):
        self._server, self._host = server, host
        self._before = self._sample()

    def _sample(self):
        times = os.times()
        return [cpu_of(self._server), times.children_user + times.children_system, cpu_of_machine(),
                *(segments(self._host) if self._host else (0, 0))]

    def used(self):
        return [after - before for after, before in zip(self._sample(), self._before)]


class Contest(Lab):
    """One contestant at a time: a fresh lab for each round, so that no TIME_WAIT of the last one is in the way."""

    def __init__(self, directory):
        super().__init__()
        self.directory = directory

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def hosts(self, path):
        """The server's namespace and the client's."""
        if path == "loopback":
            host = self.namespace("both")
            return host, host
        server, client = self.namespace("server"), self.namespace("client")
        self.cable(server, "weir0", client, "eth0")
        client.add_addresses("eth0", "192.0.2.1/24")
        return server, client

    def measure_by_wrk(self, path, server_host, client, server, connections, seconds, time_wait):
        """`server`: a process; `time_wait`: how to learn how many the server keeps, None for the kernel's way."""
        url = f"http://{ADDRESS[path]}/"
        assert_answer(client, url)
        meter = Meter(server, client)
        result = wrk(client, url, connections, seconds, headers=("Connection: close",))
        *cpu, received, sent = meter.used()
        count = max(result["requests"], 1)
        # On the loopback each segment is received once and sent once by the same kernel.
        packets = received if path == "loopback" else received + sent
        kept, kept_by_client = time_waits(client)
        if server_host is not client:
            kept = time_wait() if time_wait else time_waits(server_host)[0]
        return Figures(result["requests"] / seconds, sum(result["errors"]) + result["bad"], read_each(result),
                       packets / count, *(each / count * 1e6 for each in cpu), kept, kept_by_client)


def read_each(result):
    amount, unit = re.search(r"requests in [^,]+, ([\d.]+)(\w+) read", result["text"]).groups()
    return float(amount) * {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30}[unit] / max(result["requests"], 1)


def assert_answer(client, url):
    """Equal work: every contestant's answer has the same body, and it closes the connection."""
    text = client.run("curl", "-sfi", "--max-time", "30", "--retry", "10", "--retry-connrefused", "--retry-delay", "1",
                      "-H", "Connection: close", url)
    head, body = text.replace("\r\n", "\n").split("\n\n", 1)
    if len(body) != BODY or not re.search(r"^connection: close$", head, re.I | re.M):
        raise RuntimeError(f"{url} answers {len(body)} bytes, not {BODY}, or does not close:\n{text}")
