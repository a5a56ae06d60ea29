"""The layers of docs/architecture.md: who may include whom, and what each must not reach for."""

import pathlib
import re
import shutil

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent

LAYERS = {
    "base": set(),
    "wire": {"base"},
    "flow": {"wire", "base"},
    "tcp": {"flow", "wire", "base"},
    "stack": {"tcp", "flow", "wire", "base"},
    "co": {"stack", "tcp", "flow", "wire", "base"},
    "nic": {"wire", "base"},
    "load": {"stack", "tcp", "flow", "wire", "base"},
    "balance": {"stack", "tcp", "flow", "wire", "base"},
    "testing": {"stack", "tcp", "flow", "wire", "base"},
    "doctor": {"run", "balance", "load", "nic", "stack", "tcp", "flow", "wire", "base"},
    "run": {"balance", "load", "nic", "stack", "tcp", "flow", "wire", "base"},
}
BELOW_RUN = set(LAYERS) - {"run", "doctor"}
PACKET_PATH = {"wire", "flow", "tcp", "stack", "co"}

# What a layer must not contain: name, pattern, where, files that may.
FORBIDDEN = [
    ("device", r"rte_ethdev\.h|\brte_eth_\w+\s*\(", set(LAYERS) - {"nic", "run"}, set()),
    ("clock", r"\b(clock_gettime|gettimeofday|rte_rdtsc\w*|rte_get_(timer|tsc)_cycles|time)\s*\("
              r"|\b(steady|system|high_resolution)_clock\b", BELOW_RUN, set()),
    ("randomness", r"\b(rand|srand|drand48|rte_rand\w*|getrandom|arc4random\w*)\s*\(|\brandom_device\b", BELOW_RUN,
     {"lib/base/random.cc"}),
    ("lock", r"\bstd::(mutex|shared_mutex|scoped_lock|lock_guard|condition_variable)\b|\brte_spinlock", PACKET_PATH,
     set()),
    ("std::function", r"\bstd::function\b", PACKET_PATH, set()),
    ("exception", r"\b(catch\s*\(|try\s*\{)", PACKET_PATH, set()),
    ("switch for tests", r"\bif\s*\(\s*(in_?test|testing|is_test\w*)\b|#\s*ifn?def\s+\w*TEST", set(LAYERS), set()),
]

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"](?:weir/)?(\w+)/[^>"]+[>"]', re.MULTILINE)


def layer_of(relative):
    """lib/include/weir/weir.h, the front door, stands at the top like `run`."""
    parts = relative.parts
    if parts[3:] == ("weir.h",):
        return "run"
    return parts[3] if parts[1] == "include" else parts[1]


def sources(root):
    for file in sorted((root / "lib").rglob("*")):
        if file.suffix in (".h", ".cc"):
            yield file.relative_to(root)


def violations(root):
    """Every breach of the rules under root/lib, one line each."""
    found = []
    for file in sources(root):
        layer, text = layer_of(file), (root / file).read_text()
        if layer not in LAYERS:
            found.append(f"{file}: '{layer}' is no layer")
            continue
        bare = COMMENT.sub("", text)
        for included in INCLUDE.findall(bare):
            if included in LAYERS and included != layer and included not in LAYERS[layer]:
                found.append(f"{file}: {layer} must not include {included}")
        code = STRING.sub('""', re.sub(r'(#\s*include\s*)"([^"\n]*)"', r"\1<\2>", bare))
        for name, pattern, where, allowed in FORBIDDEN:
            if layer in where and str(file) not in allowed and (hit := re.search(pattern, code)):
                found.append(f"{file}: {layer} must not use a {name}: {hit.group(0)}")
    return found


def test_every_layer_keeps_its_direction_and_its_hands_off():
    assert list(sources(ROOT)), "no sources found"
    assert violations(ROOT) == []


PLANTED = {
    "coroutines in the library": ("lib/run/planted.cc", "#include <weir/co/co.h>\n", "must not include co"),
    "upward include": ("lib/tcp/planted.cc", "#include <weir/stack/host.h>\n", "must not include stack"),
    "upward include of a header": ("lib/include/weir/wire/planted.h", "#include <weir/flow/flow_key.h>\n",
                                   "must not include flow"),
    "private header of another layer": ("lib/flow/planted.cc", '#include "tcp/cold.h"\n', "must not include tcp"),
    "stack meets nic": ("lib/stack/planted.cc", "#include <weir/nic/port.h>\n", "must not include nic"),
    "device outside nic": ("lib/stack/planted.cc", "#include <rte_ethdev.h>\n", "must not use a device"),
    "device call": ("lib/balance/planted.cc", "int f() { return rte_eth_dev_count_avail(); }\n",
                    "must not use a device"),
    "clock": ("lib/tcp/planted.cc", "auto now() { return std::chrono::steady_clock::now(); }\n",
              "must not use a clock"),
    "time stamp counter": ("lib/stack/planted.cc", "auto now() { return rte_rdtsc(); }\n", "must not use a clock"),
    "randomness": ("lib/flow/planted.cc", "int port() { return rand(); }\n", "must not use a randomness"),
    "lock": ("lib/flow/planted.cc", "std::mutex mutex;\n", "must not use a lock"),
    "function object": ("lib/tcp/planted.cc", "std::function<void()> f;\n", "must not use a std::function"),
    "code that knows of tests": ("lib/tcp/planted.cc", "void f() { if (testing) return; }\n",
                                 "must not use a switch for tests"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_violation_is_found(what, tmp_path):
    file, text, expected = PLANTED[what]
    shutil.copytree(ROOT / "lib", tmp_path / "lib")
    (tmp_path / file).write_text(text)
    assert [line for line in violations(tmp_path) if line.startswith(file) and expected in line]


@pytest.mark.parametrize("text", ["// as std::mutex would\n", 'const char* s = "rand()";\n', "/* rte_rdtsc() */\n"])
def test_words_in_comments_and_strings_are_no_violation(text, tmp_path):
    (tmp_path / "lib" / "tcp").mkdir(parents=True)
    (tmp_path / "lib" / "tcp" / "fine.cc").write_text(text)
    assert violations(tmp_path) == []
