"""`weir doctor` on this machine: no NIC is needed, an af_packet port in a namespace is looked at."""

import json
import os
import subprocess

import pytest

from netns import Namespace, sh
from programs import PATIENCE, WEIR

CONFIG = """
[process]
name = "doctored"
workers = 2
[[port]]
device = "net_af_packet0,iface=eth1"
addresses = ["192.0.2.1/24", "2001:db8::1/64"]
[[server]]
kind = "echo"
listen = ["192.0.2.1:7", "[2001:db8::1]:7"]
"""


class Lab:
    """A namespace with one end of a cable in it."""

    def __init__(self, path):
        self.host = Namespace(f"weir-doctor-{os.getpid()}")
        self.config = path / "doctored.toml"
        self.config.write_text(CONFIG)
        self.host.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth2")
        for end in ("eth1", "eth2"):
            self.host.run("ip", "link", "set", end, "up")

    def doctor(self, *options):
        command = ["ip", "netns", "exec", self.host.name, WEIR, "doctor", "--config", self.config, *options]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=2 * PATIENCE)

    def findings(self):
        done = self.doctor("--json")
        return done.returncode, {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}

    def close(self):
        sh("ip", "netns", "del", self.host.name)


@pytest.fixture
def lab(tmp_path):
    lab = Lab(tmp_path)
    yield lab
    lab.close()


def test_a_port_is_opened_and_looked_at(lab):
    code, found = lab.findings()
    assert code == 0, found
    assert found["nic.opens"]["text"] == "opens: net_af_packet"
    assert found["nic.link"]["verdict"] == "ok"
    assert found["nic.queues"]["text"] == "2 of 2"
    assert found["nic.checksums"]["verdict"] == "costs speed"
    assert found["nic.opens"]["subject"] == "net_af_packet0,iface=eth1"
    assert "memory: " in found["memory.forecast"]["text"]


@pytest.mark.parametrize("command, check", [("ip address add 192.0.2.1/24 dev eth1", "nic.addresses"),
                                            ("ip address add 2001:db8::1/64 dev eth1 nodad", "nic.addresses"),
                                            ("ip link set eth2 down", "nic.link"),
                                            ("ip link del eth1", "nic.present")])
def test_what_does_not_work_is_told_and_is_the_exit_code(lab, command, check):
    lab.host.run(*command.split())
    code, found = lab.findings()
    assert code == 1
    assert [name for name, finding in found.items() if finding["verdict"] == "does not work"] == [check]
    assert found[check]["command"]


def test_text_and_json_say_the_same(lab):
    text, report = lab.doctor(), json.loads(lab.doctor("--json").stdout)
    assert text.returncode == 0
    assert report["schema"] == 1
    for finding in report["findings"]:
        # Figures of free memory differ from one moment to the next.
        assert any(finding["verdict"] in line and finding["title"] in line and finding["text"].split(";")[0] in line
                   for line in text.stdout.splitlines()), finding
        assert set(finding) == {"check", "title", "subject", "verdict", "text", "command"}
    assert sum(report["counts"].values()) == len(report["findings"])
    assert text.stdout.rstrip().endswith(f"{report['counts']['does not work']} do not work")


def test_without_a_configuration_the_machine_is_looked_at():
    done = subprocess.run([WEIR, "doctor", "--json"], capture_output=True, text=True, timeout=2 * PATIENCE)
    report = json.loads(done.stdout)
    assert done.returncode == (report["verdict"] == "does not work")
    assert {"cpu.flags", "memory.huge_pages", "iommu"} <= {finding["check"] for finding in report["findings"]}
    assert "memory.forecast" not in {finding["check"] for finding in report["findings"]}
