"""Two senders, Weir and the kernel, one at a time over the same link to the same receiver: bench/goodput's laboratory."""

import contextlib
import dataclasses
import os
import pathlib
import socket
import threading
import time

from labs import SERVE, process_section
from link import Link
from netns import Lab, end
from programs import PATIENCE, Weir, wait_until

SENDERS = ("weir", "linux")
ADDRESS = {"weir": "192.0.2.2", "linux": "192.0.2.3"}
CHARGEN = 19
# The most that either sender may have unacknowledged and the receiver unread: above every path's need.
BUFFER_BYTES = 16 << 20


@dataclasses.dataclass
class Path:
    rate_mbit: float
    rtt_ms: float
    loss: float  # %, of what goes to the receiver
    queue: int = 0

    def queue_packets(self):
        """One bandwidth-delay product, but enough for a burst where that is small."""
        return self.queue or max(100, round(self.rate_mbit * self.rtt_ms * 1000 / 8 / 1514))

    def to_receiver(self):
        return f"rate={self.rate_mbit},delay={self.rtt_ms / 2},queue={self.queue_packets()},loss={self.loss}"

    def to_sender(self):
        return f"rate={self.rate_mbit},delay={self.rtt_ms / 2},queue=10000"


def put_first(process):
    """Before all else that the machine does, as the kernel's own stack is: both senders and the receiver alike."""
    for thread in pathlib.Path(f"/proc/{process}/task").iterdir():
        os.sched_setscheduler(int(thread.name), os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))


class Race(Lab):
    def __init__(self, directory, tcp=""):
        super().__init__()
        try:
            self._build(directory, tcp.replace(";", "\n"))
        except BaseException:
            self.close()
            raise

    def _build(self, directory, tcp):
        self.receiver, self.linux, weir_host = self.namespace("receiver"), self.namespace("linux"), self.host_of_weir()
        self.link = Link(self, (weir_host, "weir0"), (self.receiver, "eth0"))
        self.cable(self.linux, "eth0", self.link.namespace, "linux0")
        self.receiver.add_addresses("eth0", "192.0.2.1/24")
        self.linux.add_addresses("eth0", f"{ADDRESS['linux']}/24")
        for host in (self.receiver, self.linux):
            self._tune(host)
        self._start_kernel_sender()
        server = SERVE.replace('kind = "chargen"', f'kind = "chargen"\nbuffer_bytes = {BUFFER_BYTES}')
        self.weir = Weir(self, weir_host, "serve",
                         process_section(tcp=tcp).replace("packets = 32768", "packets = 65536") +
                         server.format(workers=1), directory)
        for process in (self.weir.process.pid, os.getpid()):
            put_first(process)

    @staticmethod
    def _tune(host):
        """Room for every path; and no memory of earlier flows, which would start the next one slower or faster."""
        host.sysctl(f"net.ipv4.tcp_rmem=4096 131072 {BUFFER_BYTES}", f"net.ipv4.tcp_wmem=4096 16384 {BUFFER_BYTES}",
                    "net.ipv4.tcp_no_metrics_save=1")

    def _start_kernel_sender(self):
        with self.linux.entered():
            self._listener = socket.create_server((ADDRESS["linux"], CHARGEN))
        # By default elsewhere than here: the system's choice may be another.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
        threading.Thread(target=self._send_without_end, daemon=True).start()

    def _send_without_end(self):
        text = bytes(1 << 18)
        with contextlib.suppress(OSError):  # the listener is closed
            while True:
                connection, _ = self._listener.accept()
                with contextlib.suppress(OSError), connection:  # the receiver has had enough
                    while True:
                        connection.sendall(text)

    def run(self, sender, path, seed, seconds, capture=None):
        """Mbit/s that the receiver's application gets in this time, from the SYN on."""
        self.link.become(path.to_receiver(), path.to_sender(), seed, left="left0" if sender == "weir" else "linux0")
        self._find_neighbours(sender)
        with self._captured(capture):
            got = self._receive(ADDRESS[sender], seconds)
            time.sleep(path.rtt_ms / 1000 + 0.05)  # the reset has to arrive, or the flow goes on in the next round
        counts = self.link.counts()
        if any(direction["missed"] or direction["unfit"] for direction in counts.values()):
            raise RuntimeError(f"the link could not keep up: {counts}")
        return got * 8 / seconds / 1e6

    def _find_neighbours(self, sender):
        self.receiver.run("ping", "-c1", "-W", PATIENCE, ADDRESS[sender])

    def _receive(self, address, seconds):
        with self.receiver.entered():
            connection = socket.socket()
        buffer, got, until = bytearray(1 << 20), 0, time.monotonic() + seconds
        with connection:
            connection.settimeout(seconds)
            try:
                connection.connect((address, CHARGEN))
                while (left := until - time.monotonic()) > 0:
                    connection.settimeout(left)
                    got += connection.recv_into(buffer)
            except TimeoutError:
                pass
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        return got

    @contextlib.contextmanager
    def _captured(self, file):
        if file is None:
            yield
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        capture = self.start(self.receiver, "dumpcap", "-q", "-i", "eth0", "-s", 120, "-w", file)
        wait_until(file.exists, "dumpcap")
        try:
            yield
        finally:
            end(capture)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if listener := getattr(self, "_listener", None):
            listener.close()
        super().close()
