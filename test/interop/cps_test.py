"""`weir cps` against `weir serve` over memif, and against a kernel's sockets that misbehave."""

import contextlib
import json
import signal
import socket
import struct
import threading
import time

import pytest

from labs import ClientLab, process_section
from netns import Lab
from programs import PATIENCE, WEIR, Weir, wait_until

MEMIF = "net_memif0,role={role},socket={socket},socket-abstract=no,rsize=10"

SERVE = """
[[port]]
device = "{device}"
addresses = ["198.51.100.1/24", "2001:db8:0:2::1/64"]
[[server]]
kind = "http"
body_bytes = 100
listen = ["198.51.100.1:80", "[2001:db8:0:2::1]:80"]
"""

PORT = """
[[port]]
device = "{device}"
addresses = [{addresses}]
"""

FAMILIES = {"IPv4": ("198.51.100.1:80", "198.51.100.2/24"), "IPv6": ("[2001:db8:0:2::1]:80", "2001:db8:0:2::2/64")}
QUICK = "rate = 200\nwarm_up_ms = 200\nduration_ms = 1000\ntimeout_ms = 10000\nopen_max = 400\n"


class Cps:
    """Runs `weir cps` in a namespace and keeps what it said."""

    def __init__(self, lab, namespace, directory, device, addresses):
        self.lab, self.namespace, self.directory, self.runs = lab, namespace, directory, 0
        self.port = PORT.format(device=device, addresses=", ".join(f'"{address}"' for address in addresses))

    def start(self, load, *options, connections=16384, process_more=""):
        self.runs += 1
        self.json = self.directory / f"cps-{self.runs}.json"
        name = self.directory / f"cps-{self.runs}"
        config = name.with_suffix(".toml")
        process = process_section(process=process_more).replace(
            "[process]", f'[process]\nname = "{self.namespace.name}"\ncontrol_socket = "{name}.sock"')
        process = process.replace("connections = 16384", f"connections = {connections}")
        config.write_text(process + self.port + "[load]\n" + load)
        self.out, self.err = name.with_suffix(".out"), name.with_suffix(".err")
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = self.lab.start(self.namespace, WEIR, "cps", "--config", config, "--json", self.json, *options,
                                          stdout=out, stderr=err)
        return self.process

    def finish(self):
        code = self.process.wait(PATIENCE)
        self.text = self.out.read_text() + self.err.read_text()
        result = json.loads(self.json.read_text()) if self.json.exists() else None
        return code, result

    def run(self, load, *options, **sizes):
        self.start(load, *options, **sizes)
        return self.finish()

    def await_line(self, text):
        wait_until(lambda: text in self.err.read_text(), lambda: f"{text!r} in {self.err.read_text()[-2000:]}")


class MemifLab(Lab):
    def __init__(self, directory):
        super().__init__()
        self.directory = directory
        socket_file = directory / "pair.sock"
        self.serve_host, self.cps_host = self.host_of_weir("serve"), self.host_of_weir("cps")
        self.weir = Weir(self, self.serve_host, "serve", process_section() + SERVE.format(
            device=MEMIF.format(role="server", socket=socket_file)), directory)
        self.cps = Cps(self, self.cps_host, directory, MEMIF.format(role="client", socket=socket_file),
                       ["198.51.100.2/24", "2001:db8:0:2::2/64"])


class KernelLab(ClientLab):
    """The target is a thread of this test, with sockets of a kernel's host."""

    def __init__(self, directory):
        super().__init__(directory)
        self.cps = Cps(self, self.weir_host, directory, "net_af_packet0,iface=weir0", ["192.0.2.2/24"])
        with self.client.entered():
            self.listener = socket.create_server(("192.0.2.1", 8080), backlog=1024)

    def behave(self, on_connection):
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = self.listener.accept()
                    with contextlib.suppress(OSError):
                        on_connection(connection)
        threading.Thread(target=serve, daemon=True).start()

    def close(self):
        self.listener.close()
        super().close()


def load(target, rest=QUICK):
    return f'targets = ["{target}"]\n{rest}'


@pytest.fixture
def memif(make):
    return make(MemifLab)


@pytest.fixture
def kernel(make):
    return make(KernelLab)


@pytest.mark.parametrize("family", FAMILIES)
def test_connections_are_counted_and_cost_six_packets(memif, family):
    code, result = memif.cps.run(load(FAMILIES[family][0]), "--csv", memif.directory / "out.csv")
    assert code == 0, memif.cps.text
    run = result["runs"][0]
    assert run["totals"]["closed"] > 0 and run["totals"]["failed"] == 0, memif.cps.text
    assert 5.5 < run["packets_per_connection"] < 8  # six, and what a busy machine sends again or acknowledges late
    assert run["latency"]["total"]["count"] > 0 and run["latency"]["total"]["percentiles_ns"]["p99.99"] > 0
    assert sum(count for _, count in run["latency"]["total"]["buckets_ns"]) == run["latency"]["total"]["count"]
    assert "too_brief" in run["marks"]
    assert len((memif.directory / "out.csv").read_text().splitlines()) == len(run["series"]) + 1
    assert "packets per connection" in memif.cps.text and "limited by" in memif.cps.text


def test_every_mode_finds_its_server(memif):
    target = FAMILIES["IPv4"][0]
    for mode in ("concurrent", "requests", "throughput"):
        code, result = memif.cps.run(load(target, f'mode = "{mode}"\n{QUICK}'.replace("open_max = 400", "open_max = 20")))
        assert code == 0, memif.cps.text
        totals = result["runs"][0]["totals"]
        assert totals["failed"] == 0, (mode, memif.cps.text)
        assert totals["answered"] > 0 or mode == "concurrent" and totals["open_at_end"] == 20, (mode, totals)


def test_who_closes_first_keeps_time_wait(memif):
    code, result = memif.cps.run(load(FAMILIES["IPv4"][0], 'closes_first = "client"\n' + QUICK))
    assert code == 0, memif.cps.text
    assert result["runs"][0]["time_wait_at_end"] > 0
    assert result["settings"]["time_wait_s"] == 1 and "time_wait_short" not in result["runs"][0]["marks"]


def test_time_wait_without_room_marks_the_run(memif):
    code, result = memif.cps.run(load(FAMILIES["IPv4"][0], 'closes_first = "client"\n' + QUICK),
                                 process_more="time_wait_v4 = 16")
    assert code == 0 and result["runs"][0]["time_wait_at_end"] <= 16, memif.cps.text
    assert "time_wait_short" in result["runs"][0]["marks"] and "raise time_wait_v4" in memif.cps.text, memif.cps.text


def test_conditions_decide_the_exit_code(memif):
    target = load(FAMILIES["IPv4"][0])
    assert memif.cps.run(target, "--expect", "failed == 0", "--expect", "rate >= 1")[0] == 0, memif.cps.text
    code, result = memif.cps.run(target, "--expect", "rate >= 1000000")
    assert code == 1 and result["passed"] is False and "NOT MET" in memif.cps.text
    assert memif.cps.run(target, "--expect", "speed is good")[0] == 2


def test_ctrl_c_ends_with_what_was_measured(memif):
    endless = QUICK.replace("duration_ms = 1000", "duration_ms = 600000")
    memif.cps.start(load(FAMILIES["IPv4"][0], endless))
    memif.cps.await_line("  open ")
    wait_until(lambda: memif.cps.err.read_text().count("  open ") >= 3, "three seconds to be shown")
    memif.cps.process.send_signal(signal.SIGINT)
    code, result = memif.cps.finish()
    assert code == 0, memif.cps.text
    assert "cut_short" in result["runs"][0]["marks"] and result["runs"][0]["totals"]["closed"] > 0
    assert "MARKED cut short" in memif.cps.text


def test_repeated_runs_have_an_interval_and_two_results_compare(memif):
    target = load(FAMILIES["IPv4"][0])
    results = []
    for _ in range(2):
        code, result = memif.cps.run(target, "--repeat", "2")
        assert code == 0 and len(result["runs"]) == 2, memif.cps.text
        assert result["summary"]["rate_low_95"] <= result["summary"]["rate_mean"] <= result["summary"]["rate_high_95"]
        results.append(memif.cps.json)
    text = memif.cps_host.run(WEIR, "cps", "compare", *results)
    assert "rate, 1/s" in text and "confidence intervals" in text


def test_the_highest_rate_is_searched(memif):
    code, result = memif.cps.run(load(FAMILIES["IPv4"][0], QUICK.replace("rate = 200", "rate = 50")), "--find-max",
                                 "--p99-below-ms", "0.000001")
    assert code == 1 and result["find_max"] and not any(step["good"] for step in result["find_max"]), memif.cps.text
    assert result["summary"]["max_rate"] is None


MISBEHAVIOUR = {
    "resets": ("reset", lambda connection: (connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                                  struct.pack("ii", 1, 0)), connection.close())),
    "answers garbage": ("bad_answer", lambda connection: (connection.sendall(b"220 mail.example ESMTP\r\n"),
                                                          connection.recv(1000), connection.close())),
    "closes early": ("closed_early", lambda connection: (connection.recv(1000),
                                                         connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
                                                                            b"\r\nfour"), connection.close())),
    "answers with an error": ("bad_status", lambda connection: (connection.recv(1000), connection.sendall(
        b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), connection.close())),
}


@pytest.mark.parametrize("how", MISBEHAVIOUR)
def test_target_that(kernel, how):
    reason, behaviour = MISBEHAVIOUR[how]
    kernel.behave(behaviour)
    code, result = kernel.cps.run(load("192.0.2.1:8080", QUICK.replace("rate = 200", "rate = 20")))
    assert code == 0, kernel.cps.text
    run = result["runs"][0]
    assert run["errors"][reason] > 0 and run["totals"]["failed"] == run["errors"][reason], (run["errors"], kernel.cps.text)
    assert run["limited_by"]["what"] == "other_side"
    assert f"failed: {reason}" in kernel.cps.text


def test_target_that_never_answers(kernel):
    held = []
    kernel.behave(held.append)
    code, result = kernel.cps.run(load("192.0.2.1:8080", "rate = 20\nwarm_up_ms = 500\nduration_ms = 2000\ntimeout_ms = 300\n"))
    assert code == 0 and result["runs"][0]["errors"]["timeout"] > 0, kernel.cps.text


def test_target_that_refuses(kernel):
    code, result = kernel.cps.run(load("192.0.2.1:8081", QUICK.replace("rate = 200", "rate = 20")))
    assert code == 0 and result["runs"][0]["errors"]["refused"] > 0, kernel.cps.text
    assert result["runs"][0]["totals"]["opened"] == 0


def test_target_that_stops_in_mid_run(kernel):
    def answer(connection):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        connection.close()
    kernel.behave(answer)
    kernel.cps.start(load("192.0.2.1:8080", "rate = 20\nwarm_up_ms = 0\nduration_ms = 600000\n"))
    wait_until(lambda: kernel.cps.err.read_text().count("  open ") >= 2, "two seconds to be shown")
    with contextlib.suppress(OSError):
        kernel.listener.shutdown(socket.SHUT_RDWR)
    kernel.listener.close()
    wait_until(lambda: "failed 2" in kernel.cps.err.read_text(), "refusals to be shown")
    kernel.cps.process.send_signal(signal.SIGINT)
    code, result = kernel.cps.finish()
    totals = result["runs"][0]["totals"]
    assert code == 0 and totals["closed"] > 0 and totals["failed"] > 0, kernel.cps.text


def test_a_flood_needs_its_target_named(kernel):
    flood = load("192.0.2.1:8080", 'mode = "flood"\nrate = 100\nwarm_up_ms = 0\nduration_ms = 1000\n[load.flood]\n'
                                   'sources = ["192.0.2.128/25"]\n')
    code, result = kernel.cps.run(flood)
    assert code == 2 and result is None and "192.0.2.1 is not allowed to be flooded" in kernel.cps.text
    code, result = kernel.cps.run(flood + 'allowed_targets = ["192.0.2.1"]\n')
    assert code == 0 and result["runs"][0]["totals"]["syns"] > 0, kernel.cps.text


def test_too_few_ports_are_refused_before_the_start(kernel):
    started = time.monotonic()
    code, result = kernel.cps.run(load("192.0.2.1:8080", 'closes_first = "client"\nrate = 90000\nduration_ms = 60000\n'))
    assert code == 2 and result is None and time.monotonic() - started < PATIENCE
    assert "1 address x 64512 ports / 1 s TIME_WAIT = 64512/s" in kernel.cps.text, kernel.cps.text


def test_too_little_memory_is_refused_with_the_forecast(kernel):
    code, result = kernel.cps.run(load("192.0.2.1:8080"), connections=1 << 28)
    assert code == 2 and result is None
    assert "too little memory" in kernel.cps.text, kernel.cps.text
