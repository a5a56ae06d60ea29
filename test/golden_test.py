"""Goodput and fairness in simulation, against the tables that were reviewed: every change of a number is seen."""

import difflib
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "test" / "simulation" / "golden"


def table(name):
    build = ROOT / os.environ.get("WEIR_BUILD", "build")
    program = build / "test" / "simulation" / "weir-simulate"
    return subprocess.run([program, "--table", name], check=True, capture_output=True, text=True, timeout=300).stdout


@pytest.mark.parametrize("name", ["goodput", "fairness"])
def test_tables_are_as_reviewed(name):
    file = GOLDEN / f"{name}.txt"
    now, reviewed = table(name), file.read_text()
    difference = "\n".join(difflib.unified_diff(reviewed.split("\n"), now.split("\n"), "reviewed", "now", lineterm=""))
    assert now == reviewed, f"{difference}\n\nIf that is meant: test/simulate --table {name} > {file.relative_to(ROOT)}"


def test_tables_hold_numbers_that_can_be():
    rows = [line.split() for line in (GOLDEN / "goodput.txt").read_text().splitlines() if not line.startswith("#")]
    assert len(rows) == 15
    for loss, _, newreno, cubic in rows:
        assert 0 < float(newreno) < 20 and 0 < float(cubic) < 20
        if float(loss) == 0:
            assert float(cubic) > 15
