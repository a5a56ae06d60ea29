"""dpdk-testpmd over a memif, two processes of it: what this machine moves today where nothing is done with a packet."""

import re
import shutil
import statistics
import subprocess

from contest import cpus
from netns import end
from programs import PATIENCE, wait_until

RATE = re.compile(r"Rx-pps:\s+(\d+)")


def testpmd(directory, role, mode):
    """The server first. Its own core forwards; the other's is only asked for statistics."""
    server, client = cpus()
    work, rest = (server, client) if role == "server" else (client, server)
    log = directory / f"testpmd-{role}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["dpdk-testpmd", "-l", f"{server},{client}", f"--main-lcore={rest}", "--no-huge", "-m", "256", "--no-pci",
             "--no-shconf", "--no-telemetry", f"--file-prefix={directory.name}-{role}",
             "--vdev", f"net_memif0,role={role},socket={directory}/yard.sock,socket-abstract=no,rsize=10", "--",
             f"--forward-mode={mode}", "--auto-start", "--stats-period=1", "--total-num-mbufs=16384"],
            stdin=subprocess.PIPE, stdout=out, stderr=out)
    assert work != rest or server == client
    return process, log


def millions_of_packets(directory, seconds):
    """A second, 64 bytes each, one way: the median of the seconds; None where dpdk-testpmd is not installed."""
    if not shutil.which("dpdk-testpmd"):
        return None
    receiver, log = testpmd(directory, "server", "rxonly")
    sender = None
    try:
        wait_until((directory / "yard.sock").exists, f"testpmd; its log is {log}")
        sender, _ = testpmd(directory, "client", "txonly")
        wait_until(lambda: len(rates(log)) >= seconds, lambda: f"packets of testpmd:\n{log.read_text()[-2000:]}", 5 * PATIENCE)
    finally:
        for process in (sender, receiver):
            if process:
                end(process)
    return statistics.median(rates(log)) / 1e6


def rates(log):
    """Of the whole seconds in which packets came; the first was one of setting up."""
    return [rate for rate in map(int, RATE.findall(log.read_text())) if rate > 0][1:]
