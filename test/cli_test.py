"""The command line: help, versions, exit codes, messages; and `weir ctl` against a stand-in for a process."""

import json
import os
import pathlib
import socket
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build"))
WEIR = BUILD / "app" / "weir"
QUESTIONS = ("status", "services", "connections", "drops", "metrics", "reload", "drain", "stop")
LEVELS = [[], ["lb"], ["serve"], ["ctl"], ["doctor"], ["cps"], ["cps", "compare"], ["cps", "report"],
          *(["ctl", question] for question in QUESTIONS)]


def weir(*arguments):
    return subprocess.run([WEIR, *map(str, arguments)], capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: " ".join(level) or "weir")
def test_help_at_every_level_has_an_example(level):
    done = weir(*level, "--help")
    assert done.returncode == 0
    assert "weir " + " ".join(level[:1]) in done.stdout
    assert "xample" in done.stdout or not level


def test_the_version_is_told():
    done = weir("--version")
    assert done.returncode == 0 and done.stdout.startswith("weir 0.") and "DPDK" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["balance"], ["lb"], ["lb", "--config"], ["ctl"], ["ctl", "dance"],
                                       ["serve", "--config", "x", "--fast"], ["ctl", "status", "--name"],
                                       ["ctl", "--name", "a", "--socket", "b", "status"],
                                       ["doctor", "--config"], ["doctor", "now"]],
                         ids=lambda arguments: " ".join(arguments) or "nothing")
def test_a_wrong_command_line_ends_with_2_and_points_to_help(arguments):
    done = weir(*arguments)
    assert done.returncode == 2
    assert "--help" in done.stderr


@pytest.mark.parametrize("program", ["lb", "serve"])
def test_an_example_is_checked_and_its_needs_are_told(program):
    file = ROOT / "config" / f"{program}.toml"
    done = weir(program, "--config", file, "--check")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{file}: ok\n")
    assert "memory: " in done.stdout and "huge pages of 2 MiB" in done.stdout


def test_the_arithmetic_of_source_ports_is_told():
    done = weir("lb", "--config", ROOT / "config" / "lb.toml", "--check")
    assert "source ports of web, IPv4: 2 addresses x 64512 ports / 60 s TIME_WAIT = 2150 connections/s per back end" \
        in done.stdout
    assert "source ports of web, IPv6: 1 address x 64512 ports" in done.stdout


def test_too_few_source_ports_for_the_connections_wanted_are_told(tmp_path):
    text = (ROOT / "config" / "lb.toml").read_text().replace("connections = 65536 ", "connections = 1000000 ")
    (tmp_path / "lb.toml").write_text(text)
    done = weir("lb", "--config", tmp_path / "lb.toml", "--check")
    assert "too few for 500000 at once: only 64512 fit. Give source_addresses 7 more" in done.stdout


def test_every_fault_of_a_file_is_told_at_once_and_nothing_starts(tmp_path):
    file = tmp_path / "lb.toml"
    file.write_text('[process]\nworkers = 0\n[[port]]\ndevice = "eth0"\naddresses = "192.0.2.1/24"\n')
    done = weir("lb", "--config", file)
    assert done.returncode == 2 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith(f"{file}:1: service: is missing; ")
    assert lines[1].startswith(f"{file}:2: process.workers: 0 is out of range; ")
    assert lines[2].startswith(f"{file}:4: port[1].device: unknown kind of device \"eth0\"; ")


def test_a_file_that_is_not_there_is_named():
    done = weir("serve", "--config", "/nonexistent.toml")
    assert done.returncode == 2
    assert done.stderr.startswith("/nonexistent.toml: cannot be read: No such file or directory; ")


SPOILT = {"lb": ["[process]", "[tcp]", "[[port]]", "[[route]]", "[[neighbour]]", "[[service]]", "[service.health]",
                 "[[service.backend]]"],
          "serve": ["[[server]]"],
          "cps": ["[load]", "[load.flood]"]}


@pytest.mark.parametrize("program", SPOILT)
def test_every_key_is_described(program, tmp_path):
    """The message on an unknown key lists those known: the documentation describes all of them."""
    text = (ROOT / "docs" / "configuration.md").read_text()
    (tmp_path / "all.toml").write_text("".join(f"{table}\nno_such_key_anywhere = 1\n" for table in SPOILT[program]))
    told = [line for line in weir(program, "--config", tmp_path / "all.toml").stderr.splitlines() if "unknown key" in line]
    assert len(told) == len(SPOILT[program])
    for table in SPOILT[program]:
        assert f"`{table}`" in text
    for key in {key for line in told for key in line.split("known here: ")[1].split(", ")}:
        assert f"`{key}`" in text or f".{key}]" in text or f"[{key}]" in text, key


class Stand_in:
    """Answers each request line with what `answers` has for its command, and remembers the requests."""

    def __init__(self, path, answers):
        self.path, self.answers, self.requests = path, answers, []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.socket.accept()
            with client, client.makefile("rw") as lines:
                for line in lines:
                    self.requests.append(json.loads(line))
                    answer = self.answers[self.requests[-1]["command"]]
                    lines.write(json.dumps(answer.pop(0) if isinstance(answer, list) else answer) + "\n")
                    lines.flush()


@pytest.fixture
def ask(tmp_path):
    def ask(answers, *arguments):
        ask.process = Stand_in(tmp_path / "x.sock", answers)
        return weir("ctl", "--socket", tmp_path / "x.sock", *arguments)
    return ask


STATUS = {"ok": True, "program": "lb", "name": "edge", "version": "1", "pid": 7, "state": "running", "uptime_s": 7300.5,
          "states": {"ESTABLISHED": 12, "LISTEN": 0},
          "workers": [{"worker": 0, "lcore": 2, "busy_share": 0.125, "established": 12, "rx_packets": 99,
                       "tx_packets": 98, "handed_over": 3, "taken_over": 4, "hand_over_full": 0}],
          "ports": [{"device": "net_tap0,iface=t", "link": True, "link_mbps": 10000, "queues": 1, "rx_packets": 99,
                     "rx_bytes": 1 << 20, "tx_packets": 98, "tx_bytes": 5, "rx_missed": 0, "rx_errors": 1,
                     "tx_errors": 1}],
          "pools": [{"name": "packets", "capacity": 1024, "in_use": 17}], "counters": {"active_opens": 5, "resets_in": 0},
          "listeners": [{"listen": "192.0.2.80:80", "syn_cookies": "auto", "state": "attacked", "reason": "half-open",
                         "since_s": 61.5, "half_open": 8192, "syns_per_s": 31000, "cookies_sent_per_s": 30000,
                         "cookies_accepted_per_s": 20, "cookies_refused_per_s": 7, "syns": 80000,
                         "cookies_sent": 70000, "cookies_accepted": 30,
                         "cookies_refused": {"syn_cookie_wrong": 8, "syn_cookie_spent": 0},
                         "top_sources": [{"prefix": "203.0.113.0/24", "syns_per_s": 29000}]}],
          "limits": [{"name": "web", "in_force": {"connections": 500, "beyond": "drop"}, "open": 12, "uncounted": 1,
                      "refused": {"source_denied": 0, "connection_limit": 0, "rate_limit": 9}}],
          "drops": {"tcp_checksum": 1}}


def test_status_is_a_table_for_people(ask):
    text = ask({"status": STATUS}, "status").stdout
    assert "weir lb 1, process 7, name edge, running for 2 h 1 min" in text
    for row in (["0", "2", "12.5 %", "12", "99", "98", "3", "4", "0"], ["ESTABLISHED", "12"], ["packets", "17", "1024"],
                ["active_opens", "5"], ["tcp_checksum", "1"],
                ["192.0.2.80:80", "auto", "attacked", "half-open", "61 s", "8192", "31000", "30000", "20", "7"],
                ["192.0.2.80:80", "203.0.113.0/24", "29000"], ["web", "12", "1"], ["web", "rate_limit", "9"],
                ["web", "connection_limit", "500", "0"], ["192.0.2.80:80", "70000", "30"],
                ["192.0.2.80:80", "syn_cookie_wrong", "8"]):
        assert " ".join(row) in [" ".join(line.split()) for line in text.splitlines()]
    assert "up, 10000 Mbit/s" in text and "1.0 MiB" in text
    assert "resets_in" not in text and "LISTEN" not in text and "denied" not in text and "spent" not in text


def test_status_of_an_older_version_is_shown_as_well(ask):
    older = {key: value for key, value in STATUS.items() if key != "limits"}
    newer = {"top_sources", "syns", "cookies_sent", "cookies_accepted", "cookies_refused"}
    older["listeners"] = [{key: value for key, value in STATUS["listeners"][0].items() if key not in newer}]
    text = ask({"status": older}, "status").stdout
    assert "192.0.2.80:80" in text and "largest sources" not in text and "limits of" not in text
    assert "SYN cookies of" not in text


def test_limits_of_a_process_that_does_not_tell_what_is_in_force_are_shown_as_well(ask):
    older = STATUS | {"limits": [{key: value for key, value in STATUS["limits"][0].items() if key != "in_force"}]}
    text = ask({"status": older}, "status").stdout
    assert "rate_limit" in text and "connection_limit" not in text


def test_status_is_json_for_programs(ask):
    assert json.loads(ask({"status": STATUS}, "status", "--json").stdout)["counters"]["active_opens"] == 5


def test_services_show_their_back_ends(ask):
    backend = {"name": "one", "address": "192.0.2.11:80", "weight": 1, "healthy": False, "since_s": 61.5,
               "last_check": "refused", "checks_passed": 1, "checks_failed": 2, "open": 3, "total": 4, "refused": 5,
               "timeout": 6, "reset": 7, "bytes_in": 2048, "bytes_out": 3 << 30}
    service = {"name": "web", "listen": ["192.0.2.80:80", "[2001:db8::80]:80"], "mode": "proxy", "scheduler": "maglev",
               "state": "up", "open": 3, "total": 40, "retries": 5, "client_resets": 0, "no_backend": 0,
               "out_of_tries": 0, "no_resources": 0, "idle_timeouts": 0, "close_timeouts": 0, "backends": [backend]}
    text = ask({"services": {"ok": True, "services": [service]}}, "services").stdout
    assert "web: up, 192.0.2.80:80 [2001:db8::80]:80, proxy, maglev" in text and "retries 5" in text
    row = "one 192.0.2.11:80 1 DOWN (refused) 61 s 3 4 5 6 7 2.0 KiB 3.0 GiB"
    assert row in [" ".join(line.split()) for line in text.splitlines()]


def connection(remote):
    return {"state": "ESTABLISHED", "local": "192.0.2.80:80", "remote": remote, "worker": 0, "unread": 1, "unsent": 2,
            "unacknowledged": 3, "cwnd": 14600, "srtt_us": 1500, "rto_ms": 200}


def test_connections_are_gathered_from_all_pages(ask):
    pages = [{"ok": True, "connections": [connection("192.0.2.1:1")], "next": {"worker": 0, "cursor": 77}},
             {"ok": True, "connections": [connection("192.0.2.1:2")]}]
    done = ask({"connections": [dict(page) for page in pages]}, "connections", "--state", "ESTABLISHED", "--json")
    assert [c["remote"] for c in json.loads(done.stdout)["connections"]] == ["192.0.2.1:1", "192.0.2.1:2"]
    assert [r.get("cursor") for r in ask.process.requests] == [None, 77]
    assert ask.process.requests[0]["state"] == "ESTABLISHED"


def test_connections_look_like_those_of_ss(ask):
    lines = ask({"connections": {"ok": True, "connections": [connection("192.0.2.1:1")]}}, "connections").stdout.splitlines()
    assert lines[0].split()[:3] == ["State", "Recv-Q", "Send-Q"]
    assert lines[1].split() == ["ESTABLISHED", "1", "5", "0", "192.0.2.80:80", "192.0.2.1:1", "14600", "1.500", "200"]


def test_drops_may_be_asked_for_all_reasons(ask):
    done = ask({"drops": {"ok": True, "drops": {"truncated": 0}}}, "drops", "--all")
    assert ["truncated", "0"] in [line.split() for line in done.stdout.splitlines()]
    assert ask.process.requests[0]["all"] is True


@pytest.mark.parametrize("word", ["drain", "stop"])
def test_drain_and_stop_are_passed_on(ask, word):
    assert ask({word: {"ok": True, "state": word + "ing"}}, word).stdout == word + "ing\n"


def test_reload_is_passed_on(ask):
    assert ask({"reload": {"ok": True, "state": "reloaded"}}, "reload").stdout == "reloaded\n"


def test_metrics_are_passed_on(ask):
    text = "# HELP weir_a x\n# TYPE weir_a gauge\nweir_a 1\n"
    assert ask({"metrics": {"ok": True, "metrics": text}}, "metrics").stdout == text


def test_a_refusal_is_told(ask):
    done = ask({"services": {"ok": False, "error": "this is not a balancer"}}, "services")
    assert done.returncode == 1 and done.stderr == "weir: this is not a balancer\n"


def test_nobody_there_is_told_with_what_to_do(tmp_path):
    done = weir("ctl", "--socket", tmp_path / "none.sock", "status")
    assert done.returncode == 1 and "No such file or directory; no such process runs: start it" in done.stderr
