"""bench/flood runs, and prints a row for each figure, or why there is none; figures are not judged."""

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
    if re.search(r"beside a flood: skipped, it wants", done.stdout) is None:
        sent = re.search(r"^flood of 0\.1 M SYN/s over memif: sent +([\d.]+) M/s", done.stdout, re.M)
        assert sent and float(sent[1]) > 0
        completed = re.search(r"^    10 k connections/s beside it: completed +([\d.]+) %", done.stdout, re.M)
        assert completed and float(completed[1]) > 0
        for figure in ("p99 of their handshake", "p50 to that without", "goodput at"):
            assert re.search(rf"^    {figure}.* [\d.]+", done.stdout, re.M), figure
    if re.search(r"before nginx: skipped, ", done.stdout) is None:
        assert re.search(r"^flood of 0\.02 M SYN/s offered over veth, 2 k connections/s$", done.stdout, re.M)
        for name in ("Weir", "synproxy"):
            completed = re.search(rf"^    handshakes completed, {name} +([\d.]+) %", done.stdout, re.M)
            assert completed and float(completed[1]) > 0, name
            for figure in ("SYNs sent", "connections answered", "p99 of their handshake", "CPU per SYN, process"):
                assert re.search(rf"^    {figure}, {name} +[\d.]+ ", done.stdout, re.M), (figure, name)
    for skipped in re.findall(r"skipped(.*)", done.stdout):
        assert skipped.startswith(", ")
