"""Fixtures: laboratories that are taken down after the test whatever happens in it."""

import contextlib
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from labs import LbLab, ServeLab  # noqa: E402


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        pytest.exit("these tests make network namespaces: run them as root", 2)


def pytest_runtest_makereport(item, call):
    """A failed test shows what Weir said."""
    lab = getattr(item, "lab", None)
    if call.when == "call" and call.excinfo and lab and hasattr(lab, "weir"):
        item.add_report_section("call", "Weir's log", lab.weir.log.read_text()[-4000:])


@pytest.fixture
def make(request, tmp_path):
    """make(ServeLab, ...) builds a laboratory for this test alone."""
    with contextlib.ExitStack() as stack:
        def make_lab(kind, **options):
            lab = kind.__new__(kind)
            stack.callback(lambda: lab.close())
            lab.__init__(tmp_path, **options)
            request.node.lab = lab
            return lab
        yield make_lab


def _shared(kind, request, factory, **options):
    lab = kind.__new__(kind)
    try:
        lab.__init__(factory.mktemp(kind.__name__), **options)
        yield lab
    finally:
        lab.close()


@pytest.fixture(scope="module")
def shared_serve(request, tmp_path_factory):
    yield from _shared(ServeLab, request, tmp_path_factory)


@pytest.fixture(scope="module")
def shared_lb(request, tmp_path_factory):
    yield from _shared(LbLab, request, tmp_path_factory)


# One for all tests of a file; every test must leave it as it found it: alive, its pools at their start values.
def _left_as_found(lab, request):
    request.node.lab = lab
    before = lab.pools_at_rest()
    yield lab
    assert lab.weir.is_alive()
    lab.wait_for_pools(before)


@pytest.fixture
def serve(shared_serve, request):
    yield from _left_as_found(shared_serve, request)


@pytest.fixture
def lb(shared_lb, request):
    shared_lb.wait_for_healthy(3)
    yield from _left_as_found(shared_lb, request)
