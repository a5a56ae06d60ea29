"""bench/flood runs, and prints a row for each figure; figures are not judged."""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build"))


def test_it_prints_each_figure_or_why_it_was_not_measured():
    done = subprocess.run([ROOT / "bench" / "flood", "--quick"], capture_output=True, text=True, timeout=600,
                          env={**os.environ, "WEIR_BUILD": str(BUILD)})
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^SYN to cookie, in memory, ipv[46], .* [\d.]+ M/s \([\d.]+%\)", done.stdout, re.M)) == 4
    assert re.search(r"^forged connections a minute .* 8\.4 ", done.stdout, re.M)
    assert re.search(r"^packets and entries of tables held after all these SYNs +0 ", done.stdout, re.M)
    for skipped in re.findall(r"skipped(.*)", done.stdout):
        assert skipped.startswith(", ")
