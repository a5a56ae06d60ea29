"""Legitimate connections beside a flood of SYNs over memif: `weir serve` on one core, `weir cps` with both on the other."""

import contextlib
import dataclasses
import json
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "test" / "interop"))

from contest import BODY, Contest, cpus  # noqa: E402
from contestants import SERVE, process_section  # noqa: E402
from programs import WEIR, Weir  # noqa: E402

CONNECTIONS = 10_000  # legitimate ones a second
KEPT = 64             # connections whose goodput is measured
TRIES = 3

LOAD = """
[[port]]
device = "{device}"
addresses = ["192.0.2.1/24", "198.18.0.1/22"]
[load]
mode = "{mode}"
targets = ["192.0.2.2:80"]
sources = ["198.18.0.2-198.18.3.232"]
rate = {rate}
open_max = {open_max}
warm_up_ms = 1000
duration_ms = {duration_ms}
[load.flood]
sources = ["10.0.0.0/8"]
allowed_targets = ["192.0.2.2"]
rate = {flood}
"""


@dataclasses.dataclass
class Beside:
    """Of one run."""
    completed: float  # share of the connections that were begun
    retried: int      # segments that the client sent again
    p50: float        # of the handshake, microseconds
    p99: float
    goodput: float    # answers a second
    flood: float      # SYNs a second, as far as they were sent
    answered: float   # SYN-ACKs that came back for each


@contextlib.contextmanager
def pair():
    """A server, and the device that its client takes."""
    with tempfile.TemporaryDirectory(prefix="weir-flood-") as name, Contest(pathlib.Path(name)) as contest:
        device = f"net_memif0,role={{}},socket={name}/memif.sock,socket-abstract=no,rsize=10"
        both = contest.host_of_weir("both")
        config = process_section(cpus()[0]) + SERVE.format(device=device.format("server"), body=BODY)
        Weir(contest, both, "serve", config, contest.directory)
        yield contest, both, device.format("client")


def run(mode, rate, flood, seconds, open_max):
    """Once more where nothing was measured: the machine had no time for it."""
    for _ in range(TRIES):
        one = run_once(mode, rate, flood, seconds, open_max)
        if one["seconds"] > 0 and one["totals"]["started"] + one["totals"]["answered"] > 0:
            return figures(one)
    raise RuntimeError(f"{TRIES} runs without a figure; the last says {one['marks']}")


def run_once(mode, rate, flood, seconds, open_max):
    with pair() as (contest, both, device):
        out, config = contest.directory / "cps.json", contest.directory / "cps.toml"
        process = process_section(cpus()[1]).replace(
            "[process]", f'[process]\nname = "{both.name}-cps"\ncontrol_socket = "{contest.directory}/cps.sock"')
        config.write_text(process + LOAD.format(device=device, mode=mode, rate=round(rate), flood=round(flood),
                                                open_max=open_max, duration_ms=round(1000 * seconds)))
        both.run(WEIR, "cps", "--config", config, "--json", out)
        return json.loads(out.read_text())["runs"][0]


def figures(one):
    totals, syns = one["totals"], one["totals"]["syns"]
    handshake = one["latency"]["handshake"]["percentiles_ns"]
    return Beside(1 - totals["failed"] / max(totals["started"], 1), one["tcp"].get("retransmit_segments", 0),
                  handshake["p50"] / 1000, handshake["p99"] / 1000, totals["answered"] / one["seconds"],
                  syns / one["seconds"], one["drops"]["stack"].get("not_for_us", 0) / max(syns, 1))


def in_turn(mode, rate, flood, seconds, rounds, open_max):
    """Pairs of runs, without the flood and with it; the order changes from round to round."""
    pairs = []
    for number in range(rounds):
        order = (0, flood) if number % 2 == 0 else (flood, 0)
        each = {one: run(mode, rate, one, seconds, open_max) for one in order}
        pairs.append((each[0], each[flood]))
    return pairs


def spread(values, form):
    middle, least, most = (format(value, form) for value in (statistics.median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least} to {most})"


def rows(flood, seconds, rounds):
    """What, its figure, must and goal."""
    rate = f"{flood / 1e6:g} M SYN/s"
    pairs = in_turn("connections", CONNECTIONS, flood, seconds, rounds, 20_000)
    under = [one for _, one in pairs]
    yield f"flood of {rate} over memif: sent", spread([one.flood / 1e6 for one in under], ".2f") + " M/s", None
    yield "    SYN-ACKs that came back, of that", spread([100 * one.answered for one in under], ".1f") + " %", None
    yield (f"    {CONNECTIONS // 1000} k connections/s beside it: completed",
           spread([100 * one.completed for one in under], ".2f") + " %", ("100 %", "100 %"))
    yield "    segments sent again", spread([one.retried for one in under], ",.0f"), (0, 0)
    yield "    the same without the flood", spread([one.retried for one, _ in pairs], ",.0f"), None
    yield "    p99 of their handshake", spread([one.p99 for one in under], ",.0f") + " us", None
    yield ("    to that without the flood", spread([with_.p99 / without.p99 for without, with_ in pairs], ".2f"),
           ("2.00", "2.00"))
    yield "    p50 to that without", spread([with_.p50 / without.p50 for without, with_ in pairs], ".2f"), None
    quarter = run("requests", 0, 0, seconds, KEPT).goodput / 4
    pairs = in_turn("requests", quarter, flood, seconds, rounds, KEPT)
    yield (f"    goodput at {quarter / 1000:.0f} k requests/s, to that without",
           spread([100 * with_.goodput / without.goodput for without, with_ in pairs], ".1f") + " %", ("80 %", "99 %"))
