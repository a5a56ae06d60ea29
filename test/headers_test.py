"""Each public header compiles alone, without a warning, and may be included twice."""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "lib" / "include"
HEADERS = sorted(str(file.relative_to(INCLUDE)) for file in INCLUDE.rglob("*.h"))
WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror"]


@pytest.fixture(scope="module")
def flags():
    found = subprocess.run(["pkg-config", "--cflags", "libdpdk"], capture_output=True, text=True, check=True)
    return [flag.replace("-I", "-isystem", 1) if flag.startswith("-I") else flag for flag in found.stdout.split()]


def compiles(text, flags):
    return subprocess.run(["g++", "-std=c++20", "-fsyntax-only", *WARNINGS, f"-I{INCLUDE}", *flags, "-x", "c++", "-"],
                          input=text, capture_output=True, text=True)


def test_there_are_headers():
    assert HEADERS


@pytest.mark.parametrize("header", HEADERS)
def test_header_compiles_alone(header, flags):
    result = compiles(f"#include <{header}>\n#include <{header}>\n", flags)
    assert result.returncode == 0, result.stderr


def test_a_header_that_leans_on_another_is_found(flags):
    assert compiles("inline std::string name() { return {}; }\n", flags).returncode != 0
