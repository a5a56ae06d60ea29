"""bench/compare runs, and its contestants do the same work; which figures they reach is not for a test to judge."""

import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

from programs import PATIENCE, ROOT

def test_a_dperf_that_is_not_there_is_told_before_anything_runs(tmp_path):
    done = subprocess.run([ROOT / "bench" / "compare", "--dperf", tmp_path / "dperf"], capture_output=True, text=True,
                          timeout=PATIENCE)
    assert done.returncode == 2 and done.stdout == "" and f"--dperf {tmp_path}/dperf: no program" in done.stderr


CONTESTANTS = {"Weir, memif": None, "Weir, af_packet": "wrk", "nginx, veth": "nginx", "haproxy, loopback": "haproxy",
               "lwIP, veth": "wrk"}


@pytest.mark.parametrize("name", CONTESTANTS)
def test_a_contestant_does_the_work_asked_for(name, tmp_path):
    if (program := CONTESTANTS[name]) and not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([ROOT / "bench" / "compare", "--quick", "--only", name, "--plot", tmp_path / "bars.svg"],
                          capture_output=True, text=True, timeout=6 * PATIENCE)
    assert done.returncode == 0, done.stderr
    row = re.search(rf"^\| {name} \| ([\d,]+) \| (\d+) \| ([\d.]+) \| (\d+) \| (\w+) \| ([\d,]+|\?) / ", done.stdout, re.M)
    rate, errors, packets, read, closes_first, time_wait = row.groups()
    # Six segments or more, but for what was under way when the second began; 100 bytes and a head are read.
    assert int(rate.replace(",", "")) > 0 and int(errors) == 0 and float(packets) > 5 and int(read) > 100
    assert closes_first == "server" and (time_wait == "?" or int(time_wait.replace(",", "")) > 0)
    drawing = xml.etree.ElementTree.parse(tmp_path / "bars.svg").getroot()
    assert name in [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
