"""app/demo as a person starts it: it shows what it promises, and nothing of it remains, also after Ctrl-C."""

import pathlib
import re
import signal
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEMO = ROOT / "app" / "demo"


def leftovers():
    names = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    return [line for line in names.splitlines() if line.startswith("weir-demo")] + \
        [str(path) for path in pathlib.Path("/run/weir-demo").glob("*")]


def test_the_demo_shows_what_it_promises_and_cleans_up():
    done = subprocess.run([DEMO], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    for promise in ("web-1", "web-2", "web-3", "IPv4", "IPv6", "per second", "web-2 is dead", "every pool is back"):
        assert promise in done.stdout
    failures = int(re.search(r"(\d+) clients noticed", done.stdout).group(1))
    open_then = int(re.search(r"(\d+) connections were open on it", done.stdout).group(1))
    assert 1 <= failures <= open_then
    assert leftovers() == []


def test_ctrl_c_cleans_up():
    # Started in the background a shell's children ignore SIGINT; a person's demo does not.
    process = subprocess.Popen([DEMO], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    for line in process.stdout:
        if "of those kept open" in line:  # and from here on wrk runs
            break
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 130, rest
    assert leftovers() == []


def test_kept_running_until_it_is_ended():
    try:
        done = subprocess.run([DEMO, "--keep"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        assert done.returncode == 0, done.stdout[-6000:]
        command = next(line for line in done.stdout.splitlines() if " curl http://" in line)
        assert subprocess.run(command.split(), capture_output=True, text=True).stdout.startswith("web-")
        refused = subprocess.run([DEMO], capture_output=True, text=True)
        assert refused.returncode == 1 and "app/demo --end" in refused.stderr
    finally:
        subprocess.run([DEMO, "--end"], check=True)
    assert leftovers() == []


def test_what_it_does_not_know_is_answered_with_its_usage():
    done = subprocess.run([DEMO, "--nonsense"], capture_output=True, text=True)
    assert done.returncode == 2 and "--keep" in done.stderr
