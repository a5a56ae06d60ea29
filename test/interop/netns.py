"""Network namespaces joined by veth pairs: hosts, cables, bridges and lossy routers for tests with real peers.

Everything made here is removed again by Lab.close(): processes by their id, then namespaces, and with them links.
"""

import contextlib
import ctypes
import os
import signal
import subprocess

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_home = os.open("/proc/self/ns/net", os.O_RDONLY)


def sh(*command, **options):
    """Runs a command to its end; a failure is an exception that shows its output."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def _enter(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """One host. Nothing in it but a loopback until it is connected."""

    def __init__(self, name):
        self.name = name
        sh("ip", "netns", "add", name)
        # Duplicate address detection, solicitations and repeated reports would only delay tests and disturb counts.
        self.sysctl("net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0",
                    "net.ipv6.conf.default.router_solicitations=0", "net.ipv6.conf.default.accept_ra=0",
                    "net.ipv6.conf.default.mldv2_unsolicited_report_interval=1")
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *command, **options):
        return sh("ip", "netns", "exec", self.name, *command, **options)

    def start(self, *command, **options):
        """Starts a process in the namespace; its pid is the program's own."""
        return subprocess.Popen(["ip", "netns", "exec", self.name, *map(str, command)], **options)

    def sysctl(self, *settings):
        self.run("sysctl", "-qw", *settings)

    def nft(self, rules):
        self.run("nft", "-f", "-", input=rules)

    @contextlib.contextmanager
    def entered(self):
        """Sockets that this thread makes inside the block belong to the namespace, also afterwards."""
        descriptor = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            _enter(descriptor)
            yield self
        finally:
            _enter(_home)
            os.close(descriptor)

    def add_addresses(self, interface, *addresses):
        for address in addresses:
            options = ["nodad"] if ":" in address else []
            self.run("ip", "address", "add", address, "dev", interface, *options)

    def add_routes(self, destination_and_gateway):
        for destination, via in destination_and_gateway:
            self.run("ip", "-6" if ":" in via else "-4", "route", "add", destination, "via", via)

    def lose(self, percent):
        """As a router: drops this share of what is forwarded, TCP only, in both directions."""
        self.nft("table inet loss { chain forward { type filter hook forward priority 0;"
                 f" meta l4proto tcp numgen random mod 1000 < {round(percent * 10)} counter drop; }}\n}}\n")

    def dropped(self):
        words = self.run("nft", "list", "table", "inet", "loss").split()
        return int(words[words.index("packets") + 1])

    def delete(self):
        """Ends what is still there: a program's children may outlive it, and would keep everything."""
        for pid in subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True).stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)


class Lab:
    """The namespaces and processes of one test. Names hold the pid, so that several labs may exist at once."""

    _count = 0

    def __init__(self):
        Lab._count += 1
        self._prefix = f"weir-{os.getpid()}-{Lab._count}"
        self._namespaces, self._processes = [], []

    def namespace(self, role):
        namespace = Namespace(f"{self._prefix}-{role}")
        self._namespaces.append(namespace)
        return namespace

    def host_of_weir(self, role="weir"):
        """The kernel stays out of it: no addresses, no IPv6 of its own."""
        namespace = self.namespace(role)
        namespace.sysctl("net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        return namespace

    def cable(self, one, one_interface, other, other_interface):
        """A veth pair. Checksums and segments are made in full on both ends: Weir would see neither otherwise."""
        sh("ip", "link", "add", one_interface, "netns", one.name, "type", "veth",
           "peer", "name", other_interface, "netns", other.name)
        for namespace, interface in ((one, one_interface), (other, other_interface)):
            namespace.run("ethtool", "-K", interface, "tx", "off", "gro", "off", "gso", "off", "tso", "off")
            namespace.run("ip", "link", "set", interface, "up")

    def start(self, namespace, *command, **options):
        process = namespace.start(*command, **options)
        self._processes.append(process)
        return process

    def close(self):
        for process in reversed(self._processes):
            end(process)
        for namespace in self._namespaces:
            namespace.delete()


def end(process, seconds=5):
    """Asks a process to stop, insists after a while, and gives its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
