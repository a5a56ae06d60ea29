"""The process itself: sleeping while quiet, draining, stopping, and what it says when something is missing."""

import re
import signal
import subprocess
import time

import pytest
from scapy.layers.inet import IP, TCP

from cable import Cable
from labs import LbLab, ServeLab
from programs import PATIENCE, ROOT, WEIR, wait_until
from sockets import ask, connect, read_all

NO_DEADLINE = "drain_deadline_ms = 86400000"


def cpu_share(lab, seconds=2):
    before = lab.weir.cpu_seconds()
    time.sleep(seconds)
    return (lab.weir.cpu_seconds() - before) / seconds


def test_a_quiet_worker_sleeps(make):
    lab = make(ServeLab)
    wait_until(lambda: worker(lab)["sleeps"], "the first sleep")
    before = worker(lab)
    assert cpu_share(lab) < 0.6
    after = wait_until(lambda: (now := worker(lab))["sleeps"] > before["sleeps"] + 100 and now, "more sleeps")
    turns, sleeps = (after[count] - before[count] for count in ("turns", "sleeps"))
    assert turns < 2 * sleeps + 1000  # all but some after each packet end in a sleep


def test_a_worker_that_may_not_sleep_polls(make):
    lab = make(ServeLab, idle_sleep_us=0)
    turns = worker(lab)["turns"]
    wait_until(lambda: worker(lab)["turns"] > turns + 10_000, "many turns")
    assert worker(lab)["sleeps"] == 0


def worker(lab):
    return lab.weir.ctl("status")["workers"][0]


def test_drain_lets_open_connections_end_and_takes_no_new_ones(make):
    lab = make(ServeLab, process=NO_DEADLINE)
    connection = served(lab)
    lab.weir.process.send_signal(signal.SIGTERM)
    wait_until(lambda: refused(lab), "new connections to be refused")
    connection.sendall(b"still served")
    assert connection.recv(100) == b"still served"
    assert lab.weir.is_alive()
    connection.shutdown(1)
    assert read_all(connection) == b""
    connection.close()
    assert lab.weir.process.wait(PATIENCE) == 0


def served(lab):
    """An echo connection that Weir knows to be open: the kernel's connect() returns before its last ACK is looked at."""
    connection = connect(lab.client, "192.0.2.2", 7)
    connection.sendall(b"hello")
    assert connection.recv(100) == b"hello"
    return connection


def refused(lab):
    try:
        connect(lab.client, "192.0.2.2", 7).close()
        return False
    except (ConnectionRefusedError, ConnectionResetError):  # reset: it was in the queue when the listener closed
        return True


def test_drain_ends_at_its_deadline_and_resets_what_is_left(make):
    lab = make(ServeLab, process="drain_deadline_ms = 1000")
    connection = served(lab)
    started = time.monotonic()
    lab.weir.process.send_signal(signal.SIGTERM)
    assert lab.weir.process.wait(PATIENCE) == 0
    assert time.monotonic() - started > 0.9
    with pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_a_second_signal_stops_at_once(make):
    lab = make(ServeLab, process=NO_DEADLINE)
    connection = served(lab)
    drain(lab)
    lab.weir.process.send_signal(signal.SIGTERM)
    assert lab.weir.process.wait(PATIENCE) == 0
    with pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_lb_drains_too(make):
    lab = make(LbLab, process=NO_DEADLINE)
    lab.wait_for_healthy(3)
    connection = connect(lab.client, "192.0.2.80", 80)
    assert ask(connection)
    drain(lab)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
    assert read_all(connection).startswith(b"HTTP/1.1 200")
    connection.close()
    assert lab.weir.process.wait(PATIENCE) == 0


def drain(lab):
    """A signal, and until it is heeded: two that come at once are one."""
    lab.weir.process.send_signal(signal.SIGTERM)
    wait_until(lambda: lab.weir.ctl("status")["state"] == "draining", "the first signal to be heeded")


def run(*arguments, namespace=None):
    command = [str(word) for word in (WEIR, *arguments)]
    if namespace:
        command = ["ip", "netns", "exec", namespace.name, *command]
    return subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE)


def test_an_interface_that_is_not_there_is_named_with_the_remedy(make, tmp_path):
    lab = make(ServeLab)
    text = lab.weir.file.read_text().replace("iface=weir0", "iface=nowhere0").replace("serve.sock", "other.sock")
    (tmp_path / "wrong.toml").write_text(text)
    done = run("serve", "--config", tmp_path / "wrong.toml", namespace=lab.weir_host)
    assert done.returncode == 2 and "nowhere0" in done.stdout + done.stderr


@pytest.mark.parametrize("line,field", [
    ("surprise = 1", "surprise"),
    ("workers = 65", "workers"),
    ('huge_pages = 7', "huge_pages"),
])
def test_a_fault_in_the_configuration_is_named_by_line_and_field(tmp_path, line, field):
    file = tmp_path / "wrong.toml"
    file.write_text("[process]\n" + line + "\n")
    done = run("serve", "--config", file, "--check")
    assert done.returncode == 2
    assert f"{file}:2:" in done.stdout + done.stderr and field in done.stdout + done.stderr


def test_version_and_help_at_every_level():
    assert "weir" in run("--version").stdout.lower()
    for level in ([], ["lb"], ["serve"], ["ctl"], ["ctl", "status"], ["ctl", "services"], ["ctl", "connections"]):
        done = run(*level, "--help")
        assert done.returncode == 0 and "weir" in done.stdout.lower(), level


@pytest.mark.parametrize("mode", ["lb", "serve"])
def test_the_example_configurations_are_valid(mode):
    done = run(mode, "--config", ROOT / "config" / f"{mode}.toml", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("mode", ["lb", "serve"])
def test_the_limits_that_examples_show_are_valid(mode, tmp_path):
    shown = (ROOT / "config" / f"{mode}.toml").read_text()
    text = re.sub(r"^#(?=\[|\w+ = )", "", shown, flags=re.M)
    assert "\n[limits]\n" in text and text.count("\n#") < shown.count("\n#") - 5
    file = tmp_path / "example.toml"
    file.write_text(text)
    done = run(mode, "--config", file, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    file.write_text(text.replace("source_connections = 1000", "source_connections = 100000"))
    assert "source_connections" in (done := run(mode, "--config", file, "--check")).stdout + done.stderr
    assert done.returncode == 2


def test_reload_takes_new_secrets_and_refuses_what_is_wrong_with_them(make, tmp_path):
    secrets = tmp_path / "secrets"
    old, new = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"
    write_secrets(secrets, old)
    lab = make(ServeLab, process=f'syn_cookie_secrets = "{secrets}"', tcp='syn_cookies = "always"')
    assert "in force" in reload_is_refused(lab)
    write_secrets(secrets, "0011")
    assert "line 1 is not a secret of 128 bits" in reload_is_refused(lab)
    write_secrets(secrets, old, new)
    secrets.chmod(0o644)
    assert "open to others" in reload_is_refused(lab)
    secrets.chmod(0o600)
    assert lab.weir.ctl("reload")["state"] == "reloaded"
    assert "in force" in reload_is_refused(lab)
    write_secrets(secrets, new, old)
    assert lab.weir.ctl("reload")["state"] == "reloaded"
    served(lab).close()
    assert lab.weir.ctl("status")["counters"]["syn_cookies_accepted"] > 0


def test_reload_takes_new_limits_and_lists_or_none_of_them(make, tmp_path):
    denied = tmp_path / "denied"
    denied.write_text("203.0.113.0/24\n")
    lab = make(ServeLab, tcp=f'[limits]\nbeyond = "reset"\ndeny_file = "{denied}"')
    served(lab).close()
    assert "in force" in reload_is_refused(lab)
    denied.write_text("0.0.0.0/0\n10.0.0.300\n")
    assert "line 2" in reload_is_refused(lab)
    served(lab).close()
    denied.write_text("0.0.0.0/0\n::/0\n")
    assert lab.weir.ctl("reload")["state"] == "reloaded"
    with pytest.raises(ConnectionRefusedError):
        served(lab)
    refused = lab.weir.ctl("drops")["drops"]["source_denied"]
    assert refused > 0
    limits = lab.weir.ctl("status")["limits"]
    assert all(one["in_force"] == {"listed_prefixes": 2, "beyond": "reset"} for one in limits)
    assert sum(one["refused"]["source_denied"] for one in limits) == refused and len(limits) == 4
    assert re.search(r"^ +echo +source_denied +2 +[1-9]", lab.weir.show("status"), re.M)
    denied.write_text("203.0.113.0/24\n")
    assert lab.weir.ctl("reload")["state"] == "reloaded"
    served(lab).close()


def test_status_and_log_name_where_a_flood_comes_from(make):
    lab = make(ServeLab, process="half_open = 256")
    cable = Cable(lab)
    listener = wait_until(lambda: flood(cable) and largest_sources(lab), "the source of a flood to be named")
    assert listener["state"] == "attacked"
    assert [one["prefix"] for one in listener["top_sources"]] == ["203.0.113.0/24"]
    assert 0 < listener["top_sources"][0]["syns_per_s"] <= listener["syns_per_s"]
    wait_until(lambda: flood(cable) and re.search(r"^ +192\.0\.2\.2:7 +203\.0\.113\.0/24 +[1-9]\d*$",
                                                  lab.weir.show("status"), re.M), "people to be shown the same")
    wait_until(lambda: re.search(r"listener 192\.0\.2\.2:7, .* sources.*: 203\.0\.113\.0/24 \([1-9]",
                                 lab.weir.log.read_text()), "a line in the log that names it")
    wait_until(lambda: flood(cable) and families(lab.weir.show("metrics")).get(
        'weir_listener_source_syns_per_second{listen="192.0.2.2:7",prefix="203.0.113.0/24"}', 0) > 0, "the same in metrics")
    cable.socket.close()


NAME, VALUE = r"weir_[a-z0-9_]*[a-z0-9]", r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
LABELS = r'\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\}'


def families(text):
    """Exposition format 0.0.4, strictly: HELP, TYPE, then the family's samples, each once. Samples by name and labels."""
    assert text.endswith("\n")
    found, samples, family = set(), {}, None
    lines = iter(text.splitlines())
    for line in lines:
        if help := re.fullmatch(rf"# HELP ({NAME}) \S.*", line):
            family = help[1]
            kind = re.fullmatch(rf"# TYPE {family} (counter|gauge)", next(lines))
            assert kind and family not in found and (kind[1] == "counter") == family.endswith("_total"), line
            found.add(family)
            continue
        sample = re.fullmatch(rf"({NAME})({LABELS})? ({VALUE})", line)
        assert sample and sample[1] == family and (key := family + (sample[2] or "")) not in samples, line
        samples[key] = float(sample[3])
    return samples


@pytest.mark.parametrize("text", ["", "weir_a 1\n", "# HELP weir_a x\n# TYPE weir_a counter\nweir_a 1\n",
                                  "# HELP weir_a x\n# TYPE weir_a gauge\nweir_a 1\nweir_a 2\n",
                                  "# HELP weir_a x\n# TYPE weir_a gauge\nweir_b 1\n",
                                  "# HELP weir_a x\n# TYPE weir_a gauge\nweir_a{b=\"\"\"} 1\n",
                                  "# HELP weir_a x\n# TYPE weir_a gauge\n# HELP weir_a x\n# TYPE weir_a gauge\n",
                                  "# HELP weir_a_total x\n# TYPE weir_a_total gauge\nweir_a_total 1\n",
                                  "# HELP weir_a x\n# TYPE weir_a gauge\nweir_a nan"])
def test_metrics_that_are_wrong_are_seen(text):
    with pytest.raises(AssertionError):
        families(text)


def test_metrics_are_the_figures_of_status_in_the_format_of_prometheus(make):
    lab = make(ServeLab)
    served(lab).close()
    samples = families(lab.weir.show("metrics"))
    assert samples['weir_tcp_events_total{event="passive_opens"}'] == 1
    assert samples['weir_listener_state{listen="192.0.2.2:7",state="quiet"}'] == 1
    assert samples['weir_worker_received_packets_total{worker="0"}'] > 0
    status = lab.weir.ctl("status", "--all")
    for reason in status["drops"]:
        assert f'weir_dropped_packets_total{{reason="{reason}"}}' in samples
    for pool in status["pools"]:
        assert samples[f'weir_pool_capacity{{pool="{pool["name"]}"}}'] == pool["capacity"]
    assert samples['weir_limits_refused_total{service="echo",reason="connection_limit"}'] == 0
    assert families(lab.weir.ctl("metrics")["metrics"]).keys() == samples.keys()


def flood(cable):
    """SYNs of one prefix that nobody completes."""
    for client in range(1, 201):
        cable.send(IP(src=f"203.0.113.{client}", dst="192.0.2.2") / TCP(sport=4000, dport=7, flags="S"))
    return True


def largest_sources(lab):
    listener, = (one for one in lab.weir.ctl("status")["listeners"] if one["listen"] == "192.0.2.2:7")
    return listener["top_sources"] and listener


def write_secrets(file, *secrets):
    file.write_text("".join(f"{secret}\n" for secret in secrets))
    file.chmod(0o600)


def reload_is_refused(lab):
    done = lab.weir._ctl("reload")
    assert done.returncode != 0
    return done.stderr + done.stdout
