"""Legitimate connections beside a flood of SYNs over veth: `weir serve` on af_packet, and nginx behind nftables' synproxy, at
the same offered rates from `weir cps`. The server's program has one core, its client the other. A packet is carried to the
other end, and by synproxy answered, in a soft interrupt of the core that sends it, as veth does unless it is told otherwise."""

import contextlib
import dataclasses
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "test" / "interop"))

from contest import TICKS, Contest, cpu_of  # noqa: E402
from contestants import nginx_command, run_cps, weir_serves  # noqa: E402
from flood_beside import PRIORITY, as_usual, measured, put_workers_first  # noqa: E402
from programs import wait_until  # noqa: E402
from spread import spread  # noqa: E402

CONNECTIONS = 2_000  # legitimate ones a second
OPEN_MAX = 20_000
TIMEOUT_S = 5
WARM_UP_S = 2        # a SYN that is lost is sent again after one
IDLE_SLEEP_US = 100  # what a core that never sleeps has used says nothing
# The 512 frames that the device has unless told otherwise are full within a millisecond in which the core does other work.
WEIR_DEVICE = "net_af_packet0,iface=weir0,framecnt=16384"

# What nft(8) has for an example, for one interface and one port.
SYNPROXY = """
table ip weir_flood {
  chain untracked {
    type filter hook prerouting priority raw;
    iifname "weir0" tcp dport 80 tcp flags syn notrack
  }
  chain proxied {
    type filter hook input priority filter;
    tcp dport 80 ct state { invalid, untracked } synproxy mss 1460 wscale 7 timestamp sack-perm
    ct state invalid drop
  }
}
"""
SYSCTLS = ("net.netfilter.nf_conntrack_tcp_loose=0", "net.ipv4.tcp_syncookies=1", "net.ipv4.tcp_timestamps=1")


def begin_weir(contest):
    host = contest.host_of_weir("server")
    yield host
    yield weir_serves(contest, host, WEIR_DEVICE, idle_sleep_us=IDLE_SLEEP_US).process


def begin_synproxy(contest):
    host = contest.namespace("server")
    yield host
    host.add_addresses("weir0", "192.0.2.2/24")
    host.add_routes([("default", "192.0.2.1")])
    host.nft(SYNPROXY)
    host.sysctl(*SYSCTLS)
    process = contest.start(host, *nginx_command(contest.directory))
    wait_until(lambda: process.poll() is not None or ":80 " in host.run("ss", "-Htln"), "nginx")
    yield process


# Each gives its host, which is then connected, and its process, which has then begun.
CONTESTANTS = {"Weir": begin_weir, "synproxy": begin_synproxy}


def soft_interrupts():
    """Seconds, of all cores; those are counted as the time of the process they interrupt as well."""
    return int(pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[7]) / TICKS


@dataclasses.dataclass
class Round:
    """Of one contestant. CPU is microseconds for each SYN of the flood, the connections' share included."""
    flood: float       # SYNs a second, as far as they were sent
    syn_acks: float    # SYN-ACKs that came back for each
    handshakes: float  # share completed of the connections that were begun
    answered: float    # share that had its answer
    retried: float     # segments that the client sent again, of each connection
    p50: float         # of the handshake, milliseconds
    p99: float
    cpu: float         # of the server's process
    soft: float        # of soft interrupts


def put_first(process):
    """Weir's workers, or nginx's."""
    put_workers_first(process)
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
        for child in pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.sched_setscheduler(int(child), os.SCHED_RR, os.sched_param(PRIORITY))


def run_once(begin, flood, seconds):
    """The result of `weir cps`, with the CPU that its peer had."""
    first = put_first if os.sched_getscheduler(0) == os.SCHED_RR else lambda process: None
    with (as_usual(), tempfile.TemporaryDirectory(prefix="weir-flood-") as directory,
          Contest(pathlib.Path(directory)) as contest):
        beginning = begin(contest)
        client = contest.host_of_weir("client")
        contest.cable(next(beginning), "weir0", client, "eth0")
        process = next(beginning)
        first(process)
        before = cpu_of(process), soft_interrupts()
        one = run_cps(contest, client, "net_af_packet0,iface=eth0", OPEN_MAX, seconds, rate=CONNECTIONS,
                      warm_up_s=WARM_UP_S, timeout_s=TIMEOUT_S, flood=round(flood), meanwhile=first)["runs"][0]
        return one | {"cpu": cpu_of(process) - before[0], "soft": soft_interrupts() - before[1]}


def figures(one):
    """Shares are of the same stretch of time, not of the same connections: with some under way they may pass one."""
    totals, handshake = one["totals"], one["latency"]["handshake"]["percentiles_ns"]
    started, syns = max(totals["started"], 1), max(totals["syns"], 1)
    with_warm_up = max(sum(second["syns"] for second in one["series"]), 1)
    return Round(totals["syns"] / one["seconds"], one["drops"]["stack"].get("not_for_us", 0) / syns,
                 min(totals["opened"] / started, 1), min(totals["answered"] / started, 1),
                 one["tcp"].get("retransmit_segments", 0) / started, handshake["p50"] / 1e6, handshake["p99"] / 1e6,
                 one["cpu"] / with_warm_up * 1e6, one["soft"] / with_warm_up * 1e6)


def in_turn(flood, seconds, rounds):
    """Name -> the figures of its rounds; the order changes from round to round."""
    each = {name: [] for name in CONTESTANTS}
    for number in range(rounds):
        for name in list(each) if number % 2 == 0 else reversed(list(each)):
            each[name].append(figures(measured(lambda: run_once(CONTESTANTS[name], flood, seconds))))
    return each


ROWS = (("SYNs sent", "flood", 1e-3, ",.0f", " k/s"), ("SYN-ACKs that came back", "syn_acks", 100, ".1f", " %"),
        ("handshakes completed", "handshakes", 100, ".2f", " %"), ("connections answered", "answered", 100, ".2f", " %"),
        ("segments sent again, each", "retried", 1, ".3f", ""), ("p50 of their handshake", "p50", 1, ".2f", " ms"),
        ("p99 of their handshake", "p99", 1, ".1f", " ms"), ("CPU per SYN, process", "cpu", 1, ".2f", " us"),
        ("CPU per SYN, soft interrupts", "soft", 1, ".2f", " us"))


def rows(flood, seconds, rounds):
    """What, its figure, must and goal."""
    each = in_turn(flood, seconds, rounds)
    yield f"flood of {flood / 1e6:g} M SYN/s offered over veth, {CONNECTIONS // 1000} k connections/s", "", None
    for what, field, factor, form, unit in ROWS:
        told = {name: spread([factor * getattr(one, field) for one in all_], form) + unit for name, all_ in each.items()}
        for name, figure in told.items():
            bounds = (told["synproxy"], "100 %") if field == "handshakes" and name == "Weir" else None
            yield f"    {what}, {name}", figure, bounds
