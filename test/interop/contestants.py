"""Who takes part in bench/compare: each serves the same answer to the same request over a path of its own. All have one core
for the server, close first, and keep TIME_WAIT for 60 s."""

import contextlib
import json
import pathlib
import shutil
import subprocess
import tempfile
import time

from contest import BODY, Contest, Figures, Meter, cpus
from programs import BUILD, WEIR, Weir, wait_until

LWIP = BUILD / "test" / "lwip" / "weir-lwip"

PROCESS = """
[process]
workers = 1
lcores = "0@{cpu}"
huge_pages = "auto"
connections = {connections}
packets = 65536
half_open = 65536
time_wait_v4 = {time_wait}
idle_sleep_us = {idle_sleep_us}
{more}
"""

SERVE = """
[[port]]
device = "{device}"
addresses = ["192.0.2.2/24"]
[[route]]
to = "0.0.0.0/0"
via = "192.0.2.1"
[[server]]
kind = "http"
listen = ["192.0.2.2:80"]
body_bytes = {body}
idle_timeout_ms = 600000
"""

LOAD = """
[[port]]
device = "{device}"
addresses = ["192.0.2.1/24", "198.18.0.1/22"]
[load]
mode = "{mode}"
protocol = "http"
closes_first = "server"
targets = ["192.0.2.2:80"]
sources = ["{sources}"]
open_max = {open_max}
rate = {rate}
warm_up_ms = {warm_up_ms}
duration_ms = {duration_ms}
interval_ms = {interval_ms}
timeout_ms = {timeout_ms}
"""

FLOOD = """
[load.flood]
sources = ["10.0.0.0/8"]
allowed_targets = ["192.0.2.2"]
rate = {rate}
"""


def process_section(cpu, time_wait=2_000_000, idle_sleep_us=0, connections=65536, more=""):
    return PROCESS.format(cpu=cpu, time_wait=time_wait, idle_sleep_us=idle_sleep_us, connections=connections, more=more)


def weir_serves(contest, namespace, device, body=BODY, **options):
    config = process_section(cpus()[0], **options) + SERVE.format(device=device, body=body)
    return Weir(contest, namespace, "serve", config, contest.directory)


def time_waits_of(weir):
    """None when it does not answer: DPDK's memif may take the server down with its peer."""
    try:
        return weir.ctl("status")["states"]["TIME-WAIT"]
    except AssertionError:
        return None


class WeirOverVeth:
    name, path, needs = "Weir, af_packet", "veth", ("wrk",)

    @staticmethod
    def is_built():
        return WEIR.exists()

    def run(self, contest, connections, seconds):
        server, client = contest.hosts("veth")
        server.sysctl("net.ipv6.conf.all.disable_ipv6=1")
        weir = weir_serves(contest, server, "net_af_packet0,iface=weir0")
        return contest.measure_by_wrk("veth", server, client, weir.process, connections, seconds,
                                      lambda: time_waits_of(weir))


def run_cps(contest, host, device, open_max, seconds, mode="connections", rate=0, warm_up_s=1, timeout_s=30, flood=0,
            meanwhile=None, interval_s=60, sources="198.18.0.2-198.18.3.232", **process):
    """The result of `weir cps` as JSON, with a flood of so many SYNs a second beside; `meanwhile(its process)` is called
    again and again while it runs."""
    directory = contest.directory
    out, config = directory / "cps.json", directory / "cps.toml"
    own = f'[process]\nname = "{host.name}-cps"\ncontrol_socket = "{directory}/cps.sock"'
    config.write_text(process_section(cpus()[1], **process).replace("[process]", own) +
                      LOAD.format(device=device, mode=mode, sources=sources, open_max=open_max, rate=rate,
                                  warm_up_ms=round(warm_up_s * 1000), duration_ms=round(seconds * 1000),
                                  interval_ms=interval_s * 1000, timeout_ms=round(timeout_s * 1000)) + FLOOD.format(rate=flood))
    with (directory / "cps.log").open("w") as log:
        cps = contest.start(host, WEIR, "cps", "--config", config, "--json", out, stdout=log, stderr=log)
    while cps.poll() is None:
        time.sleep(0.2)
        if meanwhile:
            meanwhile(cps)
    if cps.returncode != 0:
        raise RuntimeError(f"weir cps ended with {cps.returncode}:\n{(directory / 'cps.log').read_text()}")
    return json.loads(out.read_text())


class MemifPair:
    """`weir serve`, and the end of a memif before it for `weir cps`."""

    def __init__(self, contest, ring_log2=10, **options):
        self._contest, self.directory, self._ring_log2 = contest, contest.directory, ring_log2
        self.host = contest.host_of_weir("both")
        self.serve = weir_serves(contest, self.host, self._device("server"), **options)

    def _device(self, role):
        return f"net_memif0,role={role},socket={self.directory}/memif.sock,socket-abstract=no,rsize={self._ring_log2}"

    def load(self, *work, **more):
        return run_cps(self._contest, self.host, self._device("client"), *work, **more)


@contextlib.contextmanager
def memif_pair(**process):
    """One for a single run."""
    with tempfile.TemporaryDirectory(prefix="weir-memif-") as directory, Contest(pathlib.Path(directory)) as contest:
        yield MemifPair(contest, **process)


class WeirOverMemif:
    name, path, needs = "Weir, memif", "memif", ()

    @staticmethod
    def is_built():
        return subprocess.run([WEIR, "cps", "--help"], capture_output=True).returncode == 0

    def run(self, contest, connections, seconds):
        pair = MemifPair(contest, time_wait=max(2_000_000, round(seconds * 4_000_000)))
        meter = Meter(pair.serve.process)
        return self.figures(pair.load(connections, seconds), pair.serve, meter.used()[:3])

    @staticmethod
    def figures(result, serve, cpu):
        """Server and client poll from the first connection to the last, those of the warm-up too."""
        run = result["runs"][0]
        closed = max(run["totals"]["closed"], 1)
        with_warm_up = sum(second["closed"] for second in run["series"]) or 1
        return Figures(run["rate"], run["totals"]["failed"], run["totals"]["bytes_in"] / closed,
                       run["packets_per_connection"], *(each / with_warm_up * 1e6 for each in cpu),
                       time_waits_of(serve) if serve else None, run["time_wait_at_end"])


NGINX = """
daemon off; pid {directory}/nginx.pid; error_log {directory}/nginx.log; worker_processes 1; user root;
worker_cpu_affinity {mask};
events {{ worker_connections 8192; }}
http {{ access_log off; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fcgi; uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  server {{ listen 80 backlog=4096; location / {{ default_type text/plain; return 200 "{body}"; }} }} }}
"""

HAPROXY = """
global
  maxconn 4096
  nbthread 1
  cpu-map 1/1 {cpu}
defaults
  mode http
  timeout client 30s
  timeout connect 5s
  timeout server 30s
frontend f
  bind :80 backlog 4096
  http-request return status 200 content-type text/plain string "{body}"
"""


def nginx_command(directory):
    file = directory / "nginx.conf"
    file.write_text(NGINX.format(directory=directory, body="x" * BODY, mask=bin(1 << cpus()[0])[2:]))
    return "nginx", "-c", file, "-e", directory / "nginx.log"


class OnTheKernel:
    """A server of the kernel's TCP."""

    def __init__(self, program, path):
        self.program, self.path, self.needs = program, path, (program, "wrk")
        self.name = f"{program}, {path}"

    @staticmethod
    def is_built():
        return True

    def run(self, contest, connections, seconds):
        server_host, client = contest.hosts(self.path)
        if self.path == "veth":
            server_host.add_addresses("weir0", "192.0.2.2/24")
        process = contest.start(server_host, *self.command(contest.directory))
        wait_until(lambda: process.poll() is not None or ":80 " in server_host.run("ss", "-Htln"), self.program)
        return contest.measure_by_wrk(self.path, server_host, client, process, connections, seconds, None)

    def command(self, directory):
        if self.program == "nginx":
            return nginx_command(directory)
        file = directory / "haproxy.conf"
        file.write_text(HAPROXY.format(body="x" * BODY, cpu=cpus()[0]))
        return "haproxy", "-db", "-f", file


class LwipOverVeth:
    name, path, needs = "lwIP, veth", "veth", ("wrk",)

    @staticmethod
    def is_built():
        return LWIP.exists()

    def run(self, contest, connections, seconds):
        server, client = contest.hosts("veth")
        server.sysctl("net.ipv6.conf.all.disable_ipv6=1")
        process = contest.start(server, LWIP, "--interface", "weir0", "--v4", "192.0.2.2", "--v6", "2001:db8::2",
                                "serve-http", 80, BODY, stdout=subprocess.PIPE)
        process.stdout.readline()  # "ready"
        # lwIP does not tell what it keeps; that it closes first is seen by the client, which keeps nothing.
        return contest.measure_by_wrk("veth", server, client, process, connections, seconds, lambda: None)


CONTESTANTS = (WeirOverMemif(), WeirOverVeth(), OnTheKernel("nginx", "veth"), OnTheKernel("nginx", "loopback"),
               OnTheKernel("haproxy", "veth"), OnTheKernel("haproxy", "loopback"), LwipOverVeth())


def found():
    """Those whose programs are installed, and whose part of Weir is built."""
    return [one for one in CONTESTANTS if all(shutil.which(program) for program in one.needs) and one.is_built()]
