#!/usr/bin/env python3
"""Counts the results that test/run gathered and says "N passed, N failed, N skipped". Exit code 1 unless all passed.

In the directory given: SUITE/*.xml from gtest and SUITE/programs.json from meson, pytest.xml, checks.tsv.
A program that ends badly although its cases passed (crash, leak, no output at all) is a failure of its own.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as xml


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add(self, name, verdict):
        if verdict == "passed":
            self.passed += 1
        else:
            {"failed": self.failed, "skipped": self.skipped}[verdict].append(name)

    def line(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


def verdict_of(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("status") == "notrun":
        return "skipped"
    return "passed"


def add_cases(tally, file, suite):
    """Adds each case of one JUnit file; returns whether one failed."""
    failed = False
    for case in xml.parse(file).iter("testcase"):
        verdict = verdict_of(case)
        failed |= verdict == "failed"
        tally.add(f"{suite}: {case.get('classname')}.{case.get('name')}", verdict)
    return failed


def add_programs(tally, directory):
    suite = directory.name
    failed = {}
    for file in sorted(directory.glob("*.xml")):
        failed[file.stem] = add_cases(tally, file, suite)
    for line in (directory / "programs.json").read_text().splitlines():
        program = json.loads(line)
        name = pathlib.Path(program["command"][0]).name
        if name not in failed:
            tally.add(f"{suite}: {name} gave no results ({program['result']})", "failed")
        elif program["result"] != "OK" and not failed[name]:
            tally.add(f"{suite}: {name} ended with {program['result']} ({program['returncode']})", "failed")


def summarise(results):
    tally = Tally()
    for line in (results / "checks.tsv").read_text().splitlines():
        verdict, name = line.split("\t")
        tally.add(name, verdict)
    for programs in sorted(results.glob("*/programs.json")):
        add_programs(tally, programs.parent)
    if (results / "pytest.xml").exists():
        add_cases(tally, results / "pytest.xml", "pytest")
    return tally


def main():
    tally = summarise(pathlib.Path(sys.argv[1]))
    for name in tally.failed:
        print("FAILED ", name)
    for name in tally.skipped:
        print("skipped", name)
    print(tally.line())
    # Debian 12 with root is where these tests run: there is no reason to skip one.
    return 1 if tally.failed or tally.skipped or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
