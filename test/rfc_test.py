"""docs/rfc.md is held to the sources: what it calls done has tests that exist and are built, and no number is missing."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "rfc.md"
STATES = ("done", "differs", "not done")
NUMBERS = {"MUST": 69, "SHLD": 31, "MAY": 18, "REC": 1}  # of RFC 9293, appendix B

NAMED = re.compile(r"`([^`]+)`")
GTEST = re.compile(r"^\s*TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
PYTEST = re.compile(r"^def (test_\w+)\(", re.MULTILINE)


def built(file):
    """A test program names its sources in its folder's meson.build: what is not there never runs."""
    build = file.with_name("meson.build")
    return build.exists() and f"'{file.name}'" in build.read_text()


def known_tests(root):
    names = set()
    for file in (root / "test").rglob("*.cc"):
        if built(file):
            names |= {f"{suite}.{name}" for suite, name in GTEST.findall(file.read_text())}
    for file in (root / "test").rglob("*.py"):
        names |= {f"{file.name}::{name}" for name in PYTEST.findall(file.read_text())}
    return names | {file.name for file in (root / "test" / "scripts").glob("*.trace")}


def known_settings(root):
    fields = re.findall(r"^  [\w:]+ (\w+)\{", (root / "lib/include/weir/tcp/settings.h").read_text(), re.MULTILINE)
    keys = NAMED.findall("\n".join(re.findall(r"^\| (`[^|]*) \|", (root / "docs/configuration.md").read_text(),
                                              re.MULTILINE)))
    return set(fields) | set(keys)


def rows_of(text):
    """Every row of every table, as a dictionary by the names of its columns."""
    columns = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            columns = []
        elif not columns:
            columns = cells
        elif not set(line) <= set("|-"):
            yield dict(zip(columns, cells)) | {"cells": len(cells), "columns": len(columns)}


def faults_of_row(row, tests, settings):
    name = row.get("#") or row.get("topic") or "?"
    if row["cells"] != row["columns"]:
        return [f"{name}: {row['cells']} cells in a table of {row['columns']} columns"]
    named = NAMED.findall(row.get("tests", ""))
    found = [f"{name}: there is no test {test}" for test in named if test not in tests]
    found += [f"{name}: there is no setting {key}" for key in NAMED.findall(row.get("setting", ""))
              if key not in settings]
    if "state" not in row:
        return found
    state, _, reason = row["state"].partition(":")
    if state not in STATES:
        found.append(f"{name}: '{state}' is no state")
    if state == "done" and not named:
        found.append(f"{name}: done, but no test shows it")
    if state in ("differs", "not done") and not reason.strip():
        found.append(f"{name}: {state}, but no reason is given")
    return found


def faults_of_numbers(rows):
    numbers = [row["#"] for row in rows if "#" in row]
    expected = [f"{kind}-{n}" for kind, last in NUMBERS.items() for n in range(1, last + 1)]
    found = [f"{number}: missing" for number in expected if number not in numbers]
    return found + [f"{number}: twice" for number in sorted(set(numbers)) if numbers.count(number) > 1]


def faults(text, root=ROOT):
    tests, settings = known_tests(root), known_settings(root)
    rows = list(rows_of(text))
    return [fault for row in rows for fault in faults_of_row(row, tests, settings)] + faults_of_numbers(rows)


def test_every_row_keeps_its_word():
    assert faults(DOCUMENT.read_text()) == []


ADVERSARIES = ROOT / "docs" / "adversaries.md"


def known_counters(root):
    """What `weir ctl status` and `weir ctl drops` show."""
    sources = ["lib/tcp/names.cc", "lib/stack/drop_reason.cc", "lib/wire/wire_error.cc", "lib/run/control_status.cc",
               "lib/run/control_services.cc"]
    text = "".join((root / file).read_text() for file in sources)
    return set(re.findall(r'"([\w-]+)"', text))


def faults_of_adversaries(text, root=ROOT):
    tests, counters = known_tests(root), known_counters(root)
    found = []
    for row in rows_of(text):
        name = row.get("attack", "?")
        if row["cells"] != row["columns"]:
            found.append(f"{name}: {row['cells']} cells in a table of {row['columns']} columns")
            continue
        named = NAMED.findall(row["tests"])
        found += [f"{name}: there is no test {test}" for test in named if test not in tests]
        found += [] if named else [f"{name}: no test shows it"]
        found += [] if row["bound"] else [f"{name}: no bound is named"]
        found += faults_of_counter(name, row, counters)
    return found


def faults_of_counter(name, row, counters):
    counted = NAMED.findall(row["counter"])
    if not counted and not row["counter"].startswith("none: "):
        return [f"{name}: no counter, and no reason why"]
    return [f"{name}: there is no counter {counter}" for counter in counted if counter not in counters]


def test_every_attack_has_a_bound_a_counter_and_a_test():
    assert faults_of_adversaries(ADVERSARIES.read_text()) == []
    assert len(list(rows_of(ADVERSARIES.read_text()))) > 30


@pytest.mark.parametrize("row, expected", [
    ("| X | | `no_packets` | `HostTest.HandshakeOpensBothEnds` |", "X: no bound is named"),
    ("| X | b | `no_such` | `HostTest.HandshakeOpensBothEnds` |", "X: there is no counter no_such"),
    ("| X | b | | `HostTest.HandshakeOpensBothEnds` |", "X: no counter, and no reason why"),
    ("| X | b | none: c | |", "X: no test shows it"),
    ("| X | b | none: c | `No.Such` |", "X: there is no test No.Such"),
])
def test_a_planted_attack_is_found(row, expected):
    assert faults_of_adversaries("| attack | bound | counter | tests |\n|---|---|---|---|\n" + row + "\n") == [expected]


OVERLOAD = ROOT / "docs" / "overload.md"
COLUMNS_WITHOUT_TEST = {"ACKs per second", "of the SYN", "state"}  # tables that explain, by their first column


def faults_of_overload(text, root=ROOT):
    """Every test and counter that is named exists, and every row of a table that promises something names one."""
    tests, counters = known_tests(root), known_counters(root)
    found = [f"there is no test {name}" for name in re.findall(r"`([A-Z]\w+\.[A-Z]\w+|\w+\.trace)`", text)
             if name not in tests]
    for row in rows_of(text):
        first = next(iter(row))
        if row["cells"] != row["columns"]:
            found.append(f"{row[first]}: {row['cells']} cells in a table of {row['columns']} columns")
        elif first not in COLUMNS_WITHOUT_TEST and not NAMED.findall(row.get("test", "")):
            found.append(f"{row[first]}: no test shows it")
        found += faults_of_counter(row[first], row, counters) if "counter" in row else []
    return found


def test_what_is_promised_under_overload_has_a_test():
    assert faults_of_overload(OVERLOAD.read_text()) == []


def test_a_planted_promise_is_found():
    table = "| resource | promise | test |\n|---|---|---|\n"
    assert faults_of_overload(table + "| x | y | `No.Such` |\n") == ["there is no test No.Such"]
    assert faults_of_overload(table + "| x | y | |\n") == ["x: no test shows it"]
    table = "| resource | counter | test |\n|---|---|---|\n"
    shown = "`HostTest.HandshakeOpensBothEnds`"
    assert faults_of_overload(table + f"| x | `no_such` | {shown} |\n") == ["x: there is no counter no_such"]
    assert faults_of_overload(table + f"| x | | {shown} |\n") == ["x: no counter, and no reason why"]
    columns = [row for row in rows_of(OVERLOAD.read_text()) if "resource" in row]
    assert len(columns) >= 10 and all("counter" in row for row in columns)


HEAD = "\n\n| # | requirement | state | tests |\n|---|---|---|---|\n"
PLANTED = {
    "done without a test": ("| X-1 | a | done | |", "X-1: done, but no test shows it"),
    "a test that does not exist": ("| X-2 | a | done | `HostTest.DoesEverything` |",
                                   "X-2: there is no test HostTest.DoesEverything"),
    "a python test that does not exist": ("| X-3 | a | done | `lb_test.py::test_nothing` |",
                                          "X-3: there is no test lb_test.py::test_nothing"),
    "a difference with a test that does not exist": ("| X-4 | a | differs: b | `Foo.Bar` |",
                                                     "X-4: there is no test Foo.Bar"),
    "a difference without a reason": ("| X-5 | a | differs | |", "X-5: differs, but no reason is given"),
    "not done without a reason": ("| X-6 | a | not done: | |", "X-6: not done, but no reason is given"),
    "another state": ("| X-7 | a | mostly | |", "X-7: 'mostly' is no state"),
    "a number twice": ("| MUST-3 | a | not done: b | |", "MUST-3: twice"),
    "a cell too many": ("| X-8 | a | done | `Matrix.AgreesWithTheRfc` | b |", "X-8: 5 cells in a table of 4 columns"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_row_is_found(what):
    row, expected = PLANTED[what]
    assert faults(DOCUMENT.read_text() + HEAD + row + "\n") == [expected]


def test_a_planted_setting_is_found():
    table = "\n\n| topic | setting |\n|---|---|\n| X-9 | `no_such_key` |\n"
    assert faults(DOCUMENT.read_text() + table) == ["X-9: there is no setting no_such_key"]


@pytest.mark.parametrize("number", [f"MUST-{n}" for n in range(1, NUMBERS["MUST"] + 1)] + ["SHLD-31", "MAY-18"])
def test_a_missing_number_is_found(number):
    lines = [line for line in DOCUMENT.read_text().splitlines() if not line.startswith(f"| {number} |")]
    assert faults("\n".join(lines)) == [f"{number}: missing"]


def test_a_source_that_no_program_is_built_from_shows_nothing(tmp_path):
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "lost_test.cc").write_text("TEST(Lost, IsNeverRun) {\n")
    assert known_tests(tmp_path) == set()
    (tmp_path / "test" / "meson.build").write_text("executable('lost', files('lost_test.cc'))\n")
    assert known_tests(tmp_path) == {"Lost.IsNeverRun"}
