"""Goodput and fairness in simulation, against the tables that were reviewed.

A number that falls by more than a tenth fails; any other difference is shown as a warning, with the command that writes
the table anew.
"""

import difflib
import os
import pathlib
import subprocess
import warnings

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "test" / "simulation" / "golden"
FALL_MAX = 0.1


def table(name):
    build = ROOT / os.environ.get("WEIR_BUILD", "build")
    program = build / "test" / "simulation" / "weir-simulate"
    return subprocess.run([program, "--table", name], check=True, capture_output=True, text=True, timeout=300).stdout


def rows(text):
    """{(the cell's name): [numbers]}; goodput is named by loss and round trip, fairness by the number of flows."""
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    named = 2 if len(lines[0]) == 4 else 1
    return {tuple(words[:named]): [float(word) for word in words[named:]] for words in lines}


def fallen(reviewed, now):
    return [f"{' '.join(cell)}: {was} -> {is_now}"
            for cell, numbers in rows(reviewed).items()
            for was, is_now in zip(numbers, rows(now)[cell], strict=True) if is_now < was * (1 - FALL_MAX)]


@pytest.mark.parametrize("name", ["goodput", "fairness"])
def test_no_number_falls(name):
    file = GOLDEN / f"{name}.txt"
    now, reviewed = table(name), file.read_text()
    lines = difflib.unified_diff(reviewed.split("\n"), now.split("\n"), "reviewed", "now", lineterm="")
    difference = "\n".join(lines) + f"\n\nIf that is meant: test/simulate --table {name} > {file.relative_to(ROOT)}"
    assert not fallen(reviewed, now), difference
    if now != reviewed:
        warnings.warn(difference, stacklevel=1)


def test_a_fall_is_seen():
    reviewed = (GOLDEN / "goodput.txt").read_text()
    assert not fallen(reviewed, reviewed)
    first = next(line for line in reviewed.splitlines() if not line.startswith("#"))
    assert len(fallen(reviewed, reviewed.replace(first, " ".join([*first.split()[:2], "1.00", "1.00"])))) == 2


def test_tables_hold_numbers_that_can_be():
    cells = rows((GOLDEN / "goodput.txt").read_text())
    assert len(cells) == 15
    assert all(0 < number < 20 for numbers in cells.values() for number in numbers)
