"""What is installed is enough for a stranger: pkg-config finds it, and the front-door example builds and serves."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "interop"))

from netns import Lab  # noqa: E402
from programs import wait_until  # noqa: E402
from sockets import connect, read_all  # noqa: E402

BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build"))
EXAMPLE = ROOT / "test" / "example" / "echo_server.cc"


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """DESTDIR of an installation, and an environment in which pkg-config finds it."""
    root = tmp_path_factory.mktemp("installed")
    run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", root)
    prefix = next(root.rglob("weir.pc")).parent
    environment = dict(os.environ, PKG_CONFIG_PATH=str(prefix), PKG_CONFIG_SYSROOT_DIR=str(root))
    return root, environment


@pytest.fixture(scope="module")
def example(installed, tmp_path_factory):
    root, environment = installed
    program = tmp_path_factory.mktemp("example") / "echo_server"
    flags = run("pkg-config", "--cflags", "--libs", "weir", env=environment).split()
    # The sysroot is put before DPDK's own paths too, where it does not apply.
    flags = [flag if os.path.exists(flag[2:]) or not flag.startswith(("-I", "-L")) else flag.replace(str(root), "", 1)
             for flag in flags]
    run("g++", "-std=c++20", "-Wall", "-Wextra", EXAMPLE, "-o", program, *flags)
    library = next(root.rglob("libweir.so")).parent
    return [program], dict(os.environ, LD_LIBRARY_PATH=str(library))


def test_pkg_config_knows_the_version(installed):
    assert run("pkg-config", "--modversion", "weir", env=installed[1]).strip()


def test_pkg_config_knows_the_harness(installed):
    assert "-lweir-harness" in run("pkg-config", "--libs", "weir-harness", env=installed[1])
    assert "dpdk" not in run("pkg-config", "--cflags", "--libs", "weir-harness", env=installed[1])


def test_every_public_header_is_installed(installed):
    include = ROOT / "lib" / "include"
    there = {file.relative_to(file.parents[[p.name for p in file.parents].index("include")])
             for file in installed[0].rglob("*.h")}
    assert {file.relative_to(include) for file in include.rglob("*.h")} <= there


def test_the_program_is_installed(installed):
    assert [file for file in installed[0].rglob("bin/weir")]


def test_the_example_fits_on_a_page():
    assert len(EXAMPLE.read_text().splitlines()) <= 70


def test_the_example_echoes(example, tmp_path):
    (program,), environment = example
    lab = Lab()
    try:
        client, server = lab.namespace("client"), lab.host_of_weir()
        lab.cable(client, "eth0", server, "weir0")
        client.add_addresses("eth0", "192.0.2.1/24", "2001:db8:0:1::1/64")
        with (tmp_path / "log").open("w") as log:
            process = lab.start(server, program, "net_af_packet0,iface=weir0", "192.0.2.2/24", env=environment,
                                stdout=log, stderr=log)
        connection = wait_until(lambda: process.poll() is not None or try_connect(client), 30, "the example to serve")
        assert connection is not True, (tmp_path / "log").read_text()
        with connection:
            connection.sendall(b"hello, weir")
            connection.shutdown(1)
            assert read_all(connection) == b"hello, weir"
    finally:
        lab.close()


def try_connect(client):
    try:
        return connect(client, "192.0.2.2", 7, timeout=1)
    except OSError:
        return None
