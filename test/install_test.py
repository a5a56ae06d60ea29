"""What is installed is enough for a stranger: pkg-config and CMake find it, and the examples build and serve."""

import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "interop"))

from netns import Lab  # noqa: E402
from programs import PATIENCE, wait_until  # noqa: E402
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


@pytest.fixture(scope="module")
def by_cmake(installed, tmp_path_factory):
    """The folder with the programs that find_package(weir) built, and the environment to run them in."""
    root, _ = installed
    build = tmp_path_factory.mktemp("cmake")
    package = next(root.rglob("weirConfig.cmake")).parent
    run("cmake", "-S", EXAMPLE.parent, "-B", build, f"-Dweir_DIR={package}")
    run("cmake", "--build", build, "--parallel", "2")
    library = next(root.rglob("libweir.so")).parent
    return build, dict(os.environ, LD_LIBRARY_PATH=str(library))


def find_package(installed, tmp_path, version):
    """What cmake says to a project that asks for that version."""
    package = next(installed[0].rglob("weirConfig.cmake")).parent
    (tmp_path / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.18)\nproject(ask NONE)\n"
                                             f"find_package(weir {version} REQUIRED)\n")
    return subprocess.run(["cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-Dweir_DIR={package}"],
                          capture_output=True, text=True)


def test_the_shared_library_is_named_by_its_major_version(installed):
    library = next(installed[0].rglob("libweir.so")).resolve()
    major = run("pkg-config", "--modversion", "weir", env=installed[1]).split(".")[0]
    assert re.search(rf"SONAME.*libweir\.so\.{major}\b", run("objdump", "-p", library))


def test_cmake_refuses_another_interface(installed, tmp_path):
    major, minor, _ = run("pkg-config", "--modversion", "weir", env=installed[1]).split(".")
    refused = find_package(installed, tmp_path, f"{major}.{int(minor) + 1}")
    assert refused.returncode != 0 and "version" in refused.stderr


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


@pytest.fixture
def lab():
    lab = Lab()
    yield lab
    lab.close()


def start(lab, tmp_path, environment, *command):
    """The server that `command` starts, and the client that is cabled to it as 192.0.2.2."""
    client, server = lab.namespace("client"), lab.host_of_weir()
    lab.cable(client, "eth0", server, "weir0")
    client.add_addresses("eth0", "192.0.2.1/24", "2001:db8:0:1::1/64")
    with (tmp_path / "log").open("w") as log:
        process = lab.start(server, *command, "net_af_packet0,iface=weir0", "192.0.2.2/24", env=environment,
                            stdout=log, stderr=log)
    return process, client


def connected(process, client, port, tmp_path):
    connection = wait_until(lambda: process.poll() is not None or try_connect(client, port), "the example to serve")
    assert connection is not True, (tmp_path / "log").read_text()
    return connection


def expect_echo(process, client, tmp_path):
    with connected(process, client, 7, tmp_path) as connection:
        connection.sendall(b"hello, weir")
        connection.shutdown(1)
        assert read_all(connection) == b"hello, weir"


def test_the_example_echoes(example, lab, tmp_path):
    (program,), environment = example
    process, client = start(lab, tmp_path, environment, program)
    expect_echo(process, client, tmp_path)


def test_the_coroutine_example_echoes_and_drains(by_cmake, lab, tmp_path):
    build, environment = by_cmake
    process, client = start(lab, tmp_path, environment, build / "coroutine_echo")
    expect_echo(process, client, tmp_path)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0, (tmp_path / "log").read_text()


def test_an_eal_that_the_program_started_is_used_and_left_running(by_cmake, lab, tmp_path):
    build, environment = by_cmake
    process, client = start(lab, tmp_path, environment, build / "own_eal", "--lcores", "0@0,1@0", "--no-huge", "--no-pci",
                            "--no-shconf", "-m", "512", "--")
    with connected(process, client, 9, tmp_path) as connection:
        connection.sendall(b"away with it")
        connection.shutdown(1)
        assert read_all(connection) == b""
    process.send_signal(signal.SIGTERM)
    log = tmp_path / "log"
    assert process.wait(PATIENCE) == 0, log.read_text()
    assert "said: EAL: the one that the program started" in log.read_text()
    assert "EAL has 2 lcores still" in log.read_text()


def try_connect(client, port):
    try:
        connection = connect(client, "192.0.2.2", port, timeout=1)
    except OSError:
        return None
    connection.settimeout(PATIENCE)
    return connection
