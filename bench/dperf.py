"""dperf (github.com/baidu/dperf) as a server over a memif before `weir cps`: a generator's TCP, no TIME_WAIT and no congestion
control. What is measured is the client that Weir's own server has, and the most that it can be answered.

dperf takes PCI addresses alone, of 12 characters: a memif of such a name does, as client of memif's default socket, which is
abstract and so the network namespace's own.
"""

import os
import pathlib

from contest import Meter, cpus
from contestants import WeirOverMemif, run_cps

WARM_UP_S = 10  # its memif is up some seconds before it answers
ANSWER_BYTES = 199  # as many as Weir sends for 100 bytes of body
MEMORY_MIB = 512  # of huge pages
HUGE_PAGES = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")
CONFIG = """mode server
cpu {cpu}
socket_mem {memory}
duration {seconds}s
protocol http
payload_size {answer}
port net_memif000 192.0.2.2 192.0.2.1
client 198.18.0.2 40
server 192.0.2.2 1
listen 80 1
"""


class Dperf:
    name, path = "dperf, memif", "memif"

    def __init__(self, program):
        self._program = program.resolve()

    def lacks(self):
        """What to do before it can run, or nothing."""
        if not os.access(self._program, os.X_OK):
            return f"--dperf {self._program}: no program; build dperf with this machine's DPDK and give its path"
        if int(HUGE_PAGES.read_text()) * 2 < MEMORY_MIB:
            return f"dperf needs huge pages: sysctl vm.nr_hugepages={MEMORY_MIB // 2 + 64}"
        return None

    def _start(self, contest, host, seconds):
        config, mount = contest.directory / "dperf.conf", contest.directory / "huge"
        config.write_text(CONFIG.format(cpu=cpus()[0], memory=MEMORY_MIB, seconds=seconds + 60, answer=ANSWER_BYTES))
        mount.mkdir()
        log = (contest.directory / "dperf.log").open("w")
        with log:  # the mount is that of `ip netns exec`, and goes with it
            return contest.start(host, "sh", "-c", f"mount -t hugetlbfs nodev {mount} && exec {self._program} -c {config}",
                                 stdout=log, stderr=log)

    def run(self, contest, connections, seconds):
        host = contest.host_of_weir("both")
        meters = []

        def start_server(_):
            if not meters:
                meters.append(Meter(self._start(contest, host, seconds)))

        result = run_cps(contest, host, "net_memif0,role=server,rsize=10", connections, seconds,
                         warm_up_s=WARM_UP_S, sources="198.18.0.2-198.18.0.41", meanwhile=start_server)
        return WeirOverMemif.figures(result, None, meters[0].used()[:3])
