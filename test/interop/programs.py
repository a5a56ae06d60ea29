"""The programs that tests run in namespaces: Weir itself, nginx, wrk."""

import json
import os
import pathlib
import re
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build"))
WEIR = BUILD / "app" / "weir"
PATIENCE = 60  # s, for what takes milliseconds where nobody else wants the CPU


def wait_until(condition, what, seconds=PATIENCE):
    """The condition's first true value; an error that names what was waited for (a text, or what gives one) when there
    is none in time."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what() if callable(what) else what}")
        time.sleep(0.02)
    return value


class Weir:
    """A running `weir serve` or `weir lb`, ready for traffic once this is made."""

    def __init__(self, lab, namespace, mode, config, directory, name=None):
        self.name = name or mode
        self.socket = directory / f"{self.name}.sock"
        self.file = directory / f"{self.name}.toml"
        self.log = directory / f"{self.name}.log"
        self.file.write_text(config.replace("[process]",
                                            f'[process]\nname = "{namespace.name}"\ncontrol_socket = "{self.socket}"'))
        with self.log.open("w") as log:
            self.process = lab.start(namespace, WEIR, mode, "--config", self.file, stdout=log, stderr=log)
        wait_until(self._answers, f"weir {mode} to start; its log is {self.log}")

    def _answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"weir ended with {self.process.returncode}:\n{self.log.read_text()}")
        return self.socket.exists() and self._ctl("status").returncode == 0

    def _ctl(self, *arguments):
        return subprocess.run([WEIR, "ctl", "--socket", self.socket, *arguments, "--json"], capture_output=True,
                              text=True)

    def ctl(self, *arguments):
        done = self._ctl(*arguments)
        assert done.returncode == 0, f"weir ctl {arguments}: {done.stderr}\n{self.log.read_text()}"
        return json.loads(done.stdout)

    def show(self, *arguments):
        """What people see."""
        return subprocess.run([WEIR, "ctl", "--socket", self.socket, *arguments], capture_output=True, text=True,
                              check=True).stdout

    def is_alive(self):
        return self.process.poll() is None

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


NGINX = """
daemon off; pid {directory}/{name}.pid; error_log {directory}/{name}.log; worker_processes 1;
{user}
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; client_max_body_size 0;
  client_body_temp_path {directory}/{name}-body; proxy_temp_path {directory}/{name}-proxy;
  fastcgi_temp_path {directory}/{name}-fcgi; uwsgi_temp_path {directory}/{name}-uwsgi;
  scgi_temp_path {directory}/{name}-scgi;
  server {{
    {listen}
    root {directory};
    location = / {{ default_type text/plain; return 200 "{name} ${peer}\\n"; }}
    location /upload/ {{ alias {directory}/{name}-upload/; dav_methods PUT; }}
  }}
}}
"""


class Nginx:
    """A web server on `addresses`, port 80: says its name at /, serves files of `directory`, takes PUT /upload/."""

    def __init__(self, lab, namespace, name, addresses, directory, proxy_protocol=False):
        self.name, self.directory = name, directory
        (directory / f"{name}-upload").mkdir(exist_ok=True)
        option = " proxy_protocol" if proxy_protocol else ""
        listen = " ".join(f"listen {at}:80{option} backlog=4096;" for at in addresses)
        file = directory / f"{name}.conf"
        file.write_text(NGINX.format(directory=directory, name=name, listen=listen, user="user root;",
                                     peer="proxy_protocol_addr" if proxy_protocol else "remote_addr"))
        self.process = lab.start(namespace, "nginx", "-c", file, "-e", f"{directory}/{name}.log")
        address, port = addresses[0].strip("[]"), 80
        wait_until(lambda: self._accepts(namespace, address, port), f"nginx {name}")

    @staticmethod
    def _accepts(namespace, address, port):
        return f"{address}]:{port} " in (text := namespace.run("ss", "-Htln")) or f"{address}:{port} " in text

    def upload(self, file):
        return self.directory / f"{self.name}-upload" / file


def wrk(namespace, url, connections=50, seconds=5, headers=()):
    """Requests, requests per second and errors as wrk counts them."""
    options = [word for header in headers for word in ("-H", header)]
    text = namespace.run("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", *options, url)
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {"requests": requests, "errors": [int(n) for n in errors.groups()] if errors else [0, 0, 0, 0],
            "bad": int(bad.group(1)) if bad else 0, "text": text}
