"""bench/scale holds as many connections and records as it says, and prints a row for each; figures are not judged."""

import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build"))


def scale(*options):
    return subprocess.run([ROOT / "bench" / "scale", "--quick", *options], capture_output=True, text=True, timeout=600,
                          env={**os.environ, "WEIR_BUILD": str(BUILD)})


def test_what_is_measured_stands_beside_as_many_as_asked_for():
    done = scale("--json")
    assert done.returncode == 0, done.stderr
    figures = [json.loads(line) for line in done.stdout.splitlines()]
    rounds = [figure for figure in figures if "round" in figure]
    assert {(figure["what"], figure["size"]) for figure in rounds} == {
        ("beside", 1_000), ("beside", 100_000), ("among", 1_000), ("among", 100_000), ("time_wait", 2_000),
        ("time_wait", 50_000)}
    for figure in rounds:
        is_open = figure["what"] != "time_wait"
        # Connections come 32 at a time, and time goes on by them: 1 ms is a thousand.
        assert 0 <= figure["open"] - (figure["size"] if is_open else 0) < 32
        assert is_open or abs(figure["time_wait"] - figure["size"]) <= 1_032
        assert figure["cycles"] > 0 and figure["ns"] > 0
        assert figure["packets_in"] == (4 if figure["what"] == "among" else 3)
        assert figure["packets_out"] == 3


def test_its_table_has_a_row_for_each_size():
    done = scale()
    assert done.returncode in (0, 1), done.stderr
    assert re.search(r"^\| 100 k open, idle \| [\d.]+ B \| [\d.]+ GiB \|", done.stdout, re.M)
    for title, sizes in (("beside those held open", ("1 k", "100 k")), ("among those held open", ("1 k", "100 k")),
                         ("with TIME_WAIT records", ("2 k", "50 k"))):
        table = done.stdout.split(f"one connection {title}")[1].split("\n\n")[0]
        assert re.findall(r"^\| (\d+ [kM]) \| \d+ \| \d+ \|", table, re.M) == list(sizes)
    assert "cores" in done.stdout and "huge pages: " in done.stdout
