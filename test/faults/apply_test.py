"""test/faults/apply notices what it is for: a fault that nobody sees, that does not compile, that fits nowhere.
The list of faults is held to the sources: each still has its place there."""

import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
APPLY = HERE / "apply"


def load():
    loader = importlib.machinery.SourceFileLoader("apply", str(APPLY))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("apply", loader))
    loader.exec_module(module)
    return module


apply = load()

PROJECT = {
    "meson.build": """project('small', 'cpp', default_options: ['cpp_std=c++20', 'optimization=0'])
program = executable('weir-unit-tcp', 'lib/tcp/sum.cc', 'test/sum_test.cc', dependencies: dependency('gtest_main'))
test('tcp', program)
library = shared_library('sum', 'lib/tcp/sum.cc')
test('scripts', executable('weir-scripts', 'test/script_test.cc', link_with: library, dependencies: dependency('gtest_main')))
""",
    "lib/tcp/sum.cc": """#include <cstdlib>
// Adds, and nobody looks at this line.
int sum(int a, int b) { return a + b; }
int twice(int a) { return sum(a, a); }
int thrice(int a) { return 3 * a; }
""",
    "test/sum_test.cc": """#include <cstdlib>
#include <gtest/gtest.h>
int sum(int a, int b);
int twice(int a);
TEST(Sum, OfNothingIsNothing) { EXPECT_EQ(sum(0, 0), 0); }
TEST(Sum, OfOneAndTwo) { EXPECT_EQ(sum(1, 2), 3); }
TEST(Twice, IsDouble) { EXPECT_EQ(twice(3), 6); }
TEST(Seed, IsTheSameWithAFaultAndWithout) { EXPECT_NE(std::getenv("WEIR_SEED"), nullptr); }
""",
    "test/script_test.cc": """#include <gtest/gtest.h>
int thrice(int a);
TEST(Script, in_the_library) { EXPECT_EQ(thrice(2), 6); }
""",
    "docs/rfc.md": """
| # | requirement | state | tests |
|---|---|---|---|
| X-1 | adds | done | `Sum.OfOneAndTwo` |
| X-2 | adds nothing | done | `Sum.OfNothingIsNothing` |
| X-3 | elsewhere | done | `some_test.py::test_all` |
| X-5 | in a script | done | `in_the_library.trace` |
""",
}

# name: find, replace, more; and the line of the table that it must give.
FAULTS = {
    "subtracts": ("return a + b;", "return a - b;", "", "caught", "unit-tcp: Sum.OfOneAndTwo"),
    "dies": ("return sum(a, a);", "return a == 3 ? std::abort(), 0 : 0;", "", "caught",
             "unit-tcp: Twice.IsDouble (died of SIGABRT)"),
    "in-a-library": ("return 3 * a;", "return 3 + a;", "", "caught", "scripts: Script.in_the_library"),
    "shows-its-script": ("return 3 * a;", "return 3 + a;", 'rfc = ["X-5"]', "caught", "Script.in_the_library  (rfc.md: X-5)"),
    "unseen": ("nobody looks", "somebody looks", "", "FAILED", "MISSED"),
    "broken": ("return a + b;", "return a +;", "", "FAILED", "it does not compile"),
    "lost": ("return a * b;", "return a - b;", "", "FAILED", "its text is in lib/tcp/sum.cc 0 times, not once"),
    "everywhere": ("sum", "difference", "", "FAILED", "its text is in lib/tcp/sum.cc 2 times, not once"),
    "idle": ("return a + b;", "return a + b;", "", "FAILED", "it changes nothing"),
    "shows-its-row": ("return a + b;", "return a - b;", 'rfc = ["X-1"]', "caught", "Sum.OfOneAndTwo  (rfc.md: X-1)"),
    "shows-one-row": ("return a + b;", "return a - b;", 'rfc = ["X-1", "X-2"]', "FAILED",
                      "none of the tests of row X-2"),
    "row-without-test": ("return a + b;", "return a - b;", 'rfc = ["X-3"]', "FAILED",
                         "row X-3 of docs/rfc.md names no test"),
    "row-that-is-not": ("return a + b;", "return a - b;", 'rfc = ["X-4"]', "FAILED",
                        "row X-4 of docs/rfc.md names no test"),
}


def entry(name):
    find, replace, more, *_ = FAULTS[name]
    return f"""[[fault]]
name = "{name}"
stands_for = "a test of the tests"
kind = "seeing"
file = "lib/tcp/sum.cc"
find = "{find}"
replace = "{replace}"
{more}
"""


def run(root, *arguments):
    return subprocess.run([sys.executable, str(APPLY), "--root", str(root), "--build", "build", *arguments], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("small")
    texts = PROJECT | {"test/faults/list.toml": "\n".join(map(entry, FAULTS))}
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["meson", "setup", str(root / "build"), str(root)], check=True, stdout=subprocess.DEVNULL)
    return root


@pytest.fixture(scope="module")
def everything(project):
    return run(project, "--results", str(project / "checks.tsv"), "--jobs", "2")


@pytest.mark.parametrize("name", FAULTS)
def test_each_kind_of_fault_is_judged(everything, name):
    *_, verdict, expected = FAULTS[name]
    lines = [line for line in everything.stdout.splitlines() if line.split()[1:2] == [name]]
    assert len(lines) == 1, everything.stdout
    assert lines[0].startswith(verdict) and expected in lines[0]


def test_one_failure_fails_the_run_and_is_counted(everything, project):
    assert everything.returncode == 1
    caught = sum(verdict == "caught" for *_, verdict, _ in FAULTS.values())
    assert f"{caught} of {len(FAULTS)} faults caught" in everything.stdout
    verdicts = [line.split("\t")[0] for line in (project / "checks.tsv").read_text().splitlines()]
    assert (verdicts.count("passed"), verdicts.count("failed")) == (caught, len(FAULTS) - caught)


def test_the_work_tree_is_left_alone(everything, project):
    assert (project / "lib/tcp/sum.cc").read_text() == PROJECT["lib/tcp/sum.cc"]
    done = subprocess.run([str(project / "build/weir-unit-tcp")], env=os.environ | {"WEIR_SEED": "1"},
                          stdout=subprocess.DEVNULL, check=False)
    assert done.returncode == 0


def test_what_is_caught_alone_passes(project):
    done = run(project, "subtracts")
    assert done.returncode == 0, done.stdout


def test_a_test_that_always_fails_catches_nothing(project, tmp_path):
    test = project / "test/sum_test.cc"
    test.write_text(PROJECT["test/sum_test.cc"].replace("sum(1, 2), 3", "sum(1, 2), 4"))
    done = run(project, "subtracts")
    test.write_text(PROJECT["test/sum_test.cc"])
    assert done.returncode == 1 and "fails without the fault too" in done.stdout


def test_a_name_that_is_none_is_refused(project):
    assert run(project, "no-such-fault").returncode == 1


def test_the_list_tells_which_faults_have_no_place(project):
    done = run(project, "--list")
    misfits = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED")}
    assert done.returncode == 1 and misfits == {"lost", "everywhere", "idle"}
    assert run(project, "--list", "subtracts").returncode == 0


def test_a_sample_is_the_same_for_the_same_commit():
    names = [line.split()[0] for line in run(ROOT, "--list").stdout.splitlines()]
    first, again, other = (run(ROOT, "--list", "--sample", "8", "--by", by).stdout for by in ("a", "a", "b"))
    assert first == again != other
    chosen = [line.split()[0] for line in first.splitlines()]
    assert len(set(chosen)) == 8 and set(chosen) <= set(names)


def test_the_list_is_long_and_at_least_half_of_it_is_blind():
    faults = apply.read_faults(HERE)
    assert len(faults) >= 40
    assert sum(fault["kind"] == "blind" for fault in faults) * 2 >= len(faults)


@pytest.mark.parametrize("fault", apply.read_faults(HERE), ids=lambda fault: fault["name"])
def test_every_fault_still_has_its_place(fault, tmp_path):
    copy = tmp_path / fault["file"]
    copy.parent.mkdir(parents=True)
    copy.write_text((ROOT / fault["file"]).read_text())
    apply.plant(fault, tmp_path)
    unknown = [row for row in fault.get("rfc", []) if not apply.rows_of_document(ROOT).get(row)]
    assert unknown == []
