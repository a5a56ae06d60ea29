"""bench/goodput runs and prints figures; which ones is not for a test to judge."""

import re
import subprocess

from programs import PATIENCE, ROOT


def test_the_goodput_comparison_prints_a_figure_of_each_sender():
    done = subprocess.run([ROOT / "bench" / "goodput", "--quick"], capture_output=True, text=True, timeout=4 * PATIENCE)
    assert done.returncode == 0, done.stderr
    weir, linux = re.search(r"^\| 1 % \| 20 ms \| ([\d.]+) \| ([\d.]+) \| [\d.]+ \|", done.stdout, re.M).groups()
    assert float(weir) > 0 and float(linux) > 0
