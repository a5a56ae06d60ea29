"""Goodput and fairness in simulation are those of the tables in test/simulation/golden: a change shows as changed numbers."""

import difflib
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "test" / "simulation" / "golden"
NAMES = {"goodput": 15, "fairness": 7}  # and how many rows each has


def table(name):
    build = ROOT / os.environ.get("WEIR_BUILD", "build")
    program = build / "test" / "simulation" / "weir-simulate"
    return subprocess.run([program, "--table", name], check=True, capture_output=True, text=True, timeout=300).stdout


def rows(text):
    return [[float(word) for word in line.split()] for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_those_that_were_reviewed(name):
    file = GOLDEN / f"{name}.txt"
    now, reviewed = table(name), file.read_text()
    lines = difflib.unified_diff(reviewed.split("\n"), now.split("\n"), "reviewed", "now", lineterm="")
    assert now == reviewed, "\n".join(lines) + f"\n\nIf that is meant: test/simulate --table {name} > {file.relative_to(ROOT)}"


@pytest.mark.parametrize("name", NAMES)
def test_tables_hold_numbers_that_can_be(name):
    numbers = rows((GOLDEN / f"{name}.txt").read_text())
    assert len(numbers) == NAMES[name]
    assert all(0 < number < 20 for row in numbers for number in row[2:])
