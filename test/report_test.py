"""The page of `weir cps --report`, in a browser: it draws its figures, says nothing on the console, and asks nobody."""

import html.parser
import json
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", ROOT / "build"))
WEIR = BUILD / "app" / "weir"
SAMPLE = ROOT / "test" / "data" / "cps-result.json"
HOSTILE = '</script><img src="http://192.0.2.1/x" onerror="document.title=\'taken over\'"><b>&amp;'
PATIENCE = 300

needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")


class Dom(html.parser.HTMLParser):
    """What a page shows: its elements with their attributes, and the text that is no script or style."""

    def __init__(self, text):
        super().__init__()
        self.elements, self._open, self._text = [], [], []
        self.feed(text)
        self.text = " ".join(" ".join(self._text).split())

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            continue

    def handle_data(self, data):
        if not {"script", "style", "noscript"} & set(self._open):
            self._text.append(data)

    def count(self, tag):
        return sum(name == tag for name, _ in self.elements)

    def lines(self):
        return [attributes["d"] for tag, attributes in self.elements if tag == "path"]


def browse(page, directory, *options):
    """What Chromium prints, and what the page's console said. It may ask nobody: no name resolves."""
    done = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                           f"--user-data-dir={directory}/profile", "--host-resolver-rules=MAP * ~NOTFOUND",
                           "--enable-logging=stderr", "--window-size=1200,2600", *options, f"file://{page}"],
                          capture_output=True, text=True, timeout=PATIENCE)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def render(result, directory):
    (directory / "result.json").write_text(json.dumps(result))
    done = subprocess.run([WEIR, "cps", "report", directory / "result.json", directory / "page.html"], capture_output=True,
                          text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return directory / "page.html"


def look(result, directory):
    text, console = browse(render(result, directory), directory, "--dump-dom")
    assert console == []
    return Dom(text)


def sample():
    return json.loads(SAMPLE.read_text())


@needs_chromium
def test_the_page_shows_the_figures_of_a_run(tmp_path):
    page = look(sample(), tmp_path)
    for figure in ("connections a second 100 k /s", "median, total 121 µs", "99th percentile 479 µs",
                   "99.99 % 557 µs 942 µs 1.1 ms", "started 1,000,074", "timeout 2", "packets a connection 6",
                   "errors <= 0.01%: met", "192.0.2.80:80", "cpu Example CPU", "time wait 60 s"):
        assert figure in page.text
    assert page.count("svg") == 6 and len(page.lines()) == 13
    assert all(line.startswith("M") and "NaN" not in line for line in page.lines())
    assert not any(word in page.text for word in ("NaN", "undefined", "null", "Infinity", "[object"))


@needs_chromium
def test_names_that_look_like_markup_are_shown_as_they_are(tmp_path):
    result = sample()
    result["settings"]["targets"] = [HOSTILE]
    result["settings"][HOSTILE] = HOSTILE
    result["machine"]["cpu"] = HOSTILE
    result["runs"][0]["limited_by"] = {"what": HOSTILE, "text": HOSTILE}
    result["runs"][0]["marks"] = [HOSTILE]
    page = look(result, tmp_path)
    assert page.text.count("<img src=") >= 6
    assert page.count("img") == 0 and page.count("b") == 0
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


@needs_chromium
def test_marks_repeated_runs_and_a_search_are_shown(tmp_path):
    result = sample()
    run = result["runs"][0]
    run["marks"] = ["disturbed_steal"]
    run["drops"]["nic_missed"] = 123456
    result["runs"].append({**run, "rate": 98765.4})
    result["summary"].update(runs=2, rate_low_95=98000.0, rate_high_95=102000.0, max_rate=250000.0)
    result["find_max"] = [{"rate": rate, "reached": rate * 0.99, "errors_share": 0.0, "p99_ns": 1e6, "good": rate < 3e5}
                          for rate in (4e5, 1e5, 2e5)]
    result["expect"].append({"condition": "p99 <= 100us", "value": 479231, "met": False})
    page = look(result, tmp_path)
    for text in ("the host gave CPU time to others", "nic missed 123,456", "run 2: 98.8 k/s", "98 k to 102 k (95 %, 2 runs)",
                 "highest rate found 250 k", "p99 <= 100us: not met", "400 k/s 396 k/s 0 % 1 ms too much"):
        assert text in page.text
    assert page.count("button") == 2 and page.count("svg") == 7


@needs_chromium
@pytest.mark.parametrize("spoil", ["flood", "nothing measured", "one second"])
def test_a_result_with_less_in_it_is_shown_too(tmp_path, spoil):
    result = sample()
    if spoil == "nothing measured":
        result["runs"] = []
    elif spoil == "one second":
        result["runs"][0]["series"] = result["runs"][0]["series"][:1]
    else:
        result["summary"]["unit"] = "SYNs"
        for latency in result["runs"][0]["latency"].values():
            latency.update(count=0, buckets_ns=[])
        for second in result["runs"][0]["series"]:
            second.update(p50_ns=0, p99_ns=0)
    page = look(result, tmp_path)
    assert "192.0.2.80:80" in page.text and "Example CPU" in page.text
    assert not any(word in page.text for word in ("NaN", "undefined", "Infinity"))
    assert page.count("svg") == {"flood": 3, "nothing measured": 0, "one second": 6}[spoil]


@needs_chromium
def test_it_can_be_printed(tmp_path):
    picture = tmp_path / "page.png"
    _, console = browse(render(sample(), tmp_path), tmp_path, f"--screenshot={picture}")
    assert console == [] and picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 50_000


@needs_chromium
def test_a_page_that_asked_somebody_would_be_noticed(tmp_path):
    page = render(sample(), tmp_path)
    page.write_text(page.read_text().replace("<noscript>", '<img src="http://192.0.2.1/x.png"><noscript>'))
    _, console = browse(page, tmp_path, "--dump-dom")
    assert any("http://192.0.2.1/x.png" in line for line in console)


@pytest.mark.parametrize("text,complaint", [("{", "is no result"), ("[1]", "is no result"), (None, "cannot be read"),
                                            ('{"schema": "weir-cps/9"}', "is no result")])
def test_what_is_no_result_is_refused(tmp_path, text, complaint):
    if text is not None:
        (tmp_path / "result.json").write_text(text)
    done = subprocess.run([WEIR, "cps", "report", tmp_path / "result.json", tmp_path / "page.html"], capture_output=True,
                          text=True, timeout=PATIENCE)
    assert done.returncode == 2 and f"{tmp_path}/result.json" in done.stderr and complaint in done.stderr
    assert not (tmp_path / "page.html").exists()
