"""Legitimate connections beside a flood of SYNs over memif: `weir serve` on one core, `weir cps` with both on the other."""

import contextlib
import dataclasses
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "test" / "interop"))

from contestants import memif_pair  # noqa: E402
from spread import spread  # noqa: E402

CONNECTIONS = 10_000  # legitimate ones a second
KEPT = 64             # connections whose goodput is measured
TRIES = 3
PRIORITY = 10         # of workers at real-time priority


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


def run(mode, rate, flood, seconds, open_max):
    return figures(measured(lambda: run_once(mode, rate, flood, seconds, open_max)))


def measured(run_once):
    """Once more where nothing was: the machine had no time for it."""
    for _ in range(TRIES):
        one = run_once()
        if one["seconds"] > 0 and one["totals"]["started"] + one["totals"]["answered"] > 0:
            return one
    raise RuntimeError(f"{TRIES} runs without a figure; the last says {one['marks']}")


def run_once(mode, rate, flood, seconds, open_max):
    first = put_workers_first if os.sched_getscheduler(0) == os.SCHED_RR else lambda process: None
    with as_usual(), memif_pair() as both:
        first(both.serve.process)
        return both.load(open_max, seconds, mode, round(rate), timeout_s=5, flood=round(flood), meanwhile=first)["runs"][0]


def put_workers_first(process):
    """Before all else; the rest of these programs, and this one, would take turns with them at the same priority."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
        for thread in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
            if (thread / "comm").read_text().startswith("rte-worker"):
                os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(PRIORITY))


@contextlib.contextmanager
def as_usual():
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    yield
    os.sched_setscheduler(0, *before)


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
