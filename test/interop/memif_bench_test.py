"""bench/memif runs, and what it counts has happened; figures are not judged."""

import re
import subprocess

from programs import PATIENCE, ROOT


def number(text):
    return float(text.replace(",", ""))


def row(name, text):
    cells = re.search(rf"^\| {name} \| (.*) \|$", text, re.M)
    assert cells, text
    return [cell.strip() for cell in cells.group(1).split("|")]


def test_every_part_runs():
    done = subprocess.run([ROOT / "bench" / "memif", "--quick"], capture_output=True, text=True, timeout=8 * PATIENCE)
    assert done.returncode == 0, done.stderr
    seconds, mean, _, best, failed, packets, time_wait = map(number, row("256 open", done.stdout))
    assert seconds >= 1 and 0 < mean <= best and failed == 0 and packets > 5 and time_wait > 0
    for name in ("1 connection", "100 connections"):
        ring, rate, _ = row(name, done.stdout)
        assert number(ring) == 1024 and number(rate) > 0
    _, failed, memory = row("2,000", done.stdout)
    assert number(failed) == 0 and all(number(each.removesuffix(" B")) > 0 for each in memory.split(" / "))
