"""libweir-harness.so as others use it: from C by pkg-config, from Python by ctypes, and as nobody in particular."""

import ctypes
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build"))
LIBRARY = BUILD / "lib" / "testing" / "libweir-harness.so"
EXAMPLE = ROOT / "test" / "example" / "harness_client.c"
INCLUDE = ROOT / "lib" / "include"
SYN_TIMES = ["0.000000", "1.000000", "3.000000"]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, **options)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    program = tmp_path_factory.mktemp("harness") / "client"
    built = run("gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{INCLUDE}", EXAMPLE, LIBRARY,
                f"-Wl,-rpath,{LIBRARY.parent}", "-o", program)
    assert built.returncode == 0, built.stderr
    return program


def test_the_example_builds_as_c_and_sends_its_syns(example):
    done = run(example)
    assert done.returncode == 0, done.stdout + done.stderr
    *packets, last = done.stdout.splitlines()
    assert [line.split()[0] for line in packets] == SYN_TIMES
    assert all(line.endswith("flags 02") for line in packets)
    assert last == "SYN-SENT, the next SYN after 4000 ms"
    assert done.stderr == ""  # EAL says nothing


def test_it_leaves_no_file_behind(example):
    def folders():
        return {str(path) for parent in ("/run/dpdk", "/tmp/dpdk") for path in pathlib.Path(parent).glob("weir-harness*")}

    before = folders()
    process = subprocess.Popen([str(example)], stdout=subprocess.DEVNULL)
    assert process.wait(300) == 0
    assert not [path for path in folders() - before if path.endswith(f"-{process.pid}")]


def test_the_example_fits_on_a_page():
    assert len(EXAMPLE.read_text().splitlines()) <= 40


def test_it_needs_no_root(example):
    with tempfile.TemporaryDirectory() as folder:  # the build may lie where nobody else can read
        os.chmod(folder, 0o755)
        shutil.copy(example, folder)
        shutil.copy(LIBRARY, pathlib.Path(folder) / "libweir-harness.so.0")
        done = run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"{folder}/{example.name}",
                   cwd=folder, env={"LD_LIBRARY_PATH": folder})
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_interface_is_visible():
    names = [line.split()[-1] for line in run("nm", "-D", "--defined-only", LIBRARY).stdout.splitlines()]
    assert names and [name for name in names if not name.startswith("weir_")] == []


def declared():
    """Every function of the header."""
    return set(re.findall(r"^WEIR_API [^(;]*?(weir_\w+)\(", (INCLUDE / "weir/testing/harness.h").read_text(), re.M))


def test_every_function_of_the_header_is_there():
    names = {line.split()[-1] for line in run("nm", "-D", "--defined-only", LIBRARY).stdout.splitlines()}
    assert names == declared() and len(names) > 20


PYTHON = """
import ctypes, sys
weir = ctypes.CDLL(sys.argv[1])
weir.weir_settings_new.restype = weir.weir_settings_key.restype = ctypes.c_void_p
settings, host, connection = ctypes.c_void_p(weir.weir_settings_new()), ctypes.c_void_p(), ctypes.c_uint64()
assert weir.weir_settings_set(settings, b"rto_initial_ms", b"500") == 0
assert weir.weir_settings_set(settings, b"rto", b"500") == -2
assert weir.weir_settings_set(settings, b"rto_initial_ms", b"fast") == -3
assert weir.weir_harness_new(settings, ctypes.byref(host)) == 0
assert weir.weir_add_address(host, b"2001:db8::1", 1500) == 0
assert weir.weir_connect(host, None, 0, b"2001:db8::2", 80, None, ctypes.byref(connection)) == 0
assert weir.weir_advance(host, ctypes.c_uint64(1_600_000_000)) == 0
packet, at = ctypes.create_string_buffer(2048), ctypes.c_uint64()
while (length := weir.weir_next_packet(host, packet, 2048, ctypes.byref(at))) > 0:
    print(at.value, packet.raw[0] >> 4, length)
assert weir.weir_abort(host, connection) == 0 and weir.weir_abort(host, connection) == -4
assert weir.weir_harness_free(host) == 0
weir.weir_settings_free(settings)
"""


def test_python_drives_it_by_ctypes():
    done = run(sys.executable, "-c", PYTHON, LIBRARY)
    assert done.returncode == 0, done.stderr
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["0", "6"], ["500000000", "6"],
                                                                      ["1500000000", "6"]]


def test_the_header_speaks_of_this_interface():
    weir = ctypes.CDLL(str(LIBRARY))
    assert f"#define WEIR_HARNESS_ABI {weir.weir_harness_abi()}" in (INCLUDE / "weir/testing/harness.h").read_text()


def test_the_example_in_the_documentation_is_the_one_that_runs():
    body = EXAMPLE.read_text().split("int main(void) {")[1].split("\n}")[0]
    assert body in (ROOT / "docs" / "testing.md").read_text()


def script(*files):
    return run(BUILD / "test" / "scripts" / "weir-script", *files)


def test_a_script_that_holds_passes():
    file = ROOT / "test" / "scripts" / "handshake_passive.trace"
    assert script(file).returncode == 0


def test_a_script_that_does_not_hold_fails_and_says_where(tmp_path):
    file = tmp_path / "wrong.trace"
    file.write_text("+0 call connect 80\n+0 > S. seq 0\n")
    done = script(file)
    assert done.returncode == 1 and "line 2" in done.stdout and "expected S., got S" in done.stdout


def test_a_script_that_cannot_be_read_is_said_so(tmp_path):
    file = tmp_path / "wrong.trace"
    file.write_text("+0 call connect 80\nhello there\n")
    done = script(file)
    assert done.returncode == 2 and "wrong.trace:2" in done.stderr
