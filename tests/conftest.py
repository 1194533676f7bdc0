"""Settings that every test runs under. Fixtures belong to the folder whose tests use them."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from aiomilvus.model import passwords

# Timings never decide a test here, so no profile has a deadline. Each run looks at other
# examples, and many runs at many: `make test-all` looks at more of them in one.
settings.register_profile(
    "local", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# The same examples on every run: a red build can be repeated, and means the change broke it.
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.register_profile("more", settings.get_profile("local"), max_examples=100)
# Hours, when wanted: HYPOTHESIS_PROFILE=thorough make test T=tests/properties
settings.register_profile("thorough", settings.get_profile("local"), max_examples=5_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "local")
)

# Test processes have a core each: a search that asks OpenMP for a thread of every core, or numpy
# for a product, makes them wait for one another, and those that spin meanwhile take the time of
# those they wait for. Builds ask for as many threads as they are given, and tests of threads for
# those they are about. Read when faiss and numpy are loaded; numpy is, here, in the processes that
# this one starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, where there is one
ROOM = 4 << 30

# Thousands of tests open a database of their own, and each opening syncs. What a disk would do
# meanwhile is no test's point: losses of power are simulated, and a process that is killed
# loses nothing the system has.
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected, and later only in what tests make."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with files that have slow tests, in random order as before.

    What one process is still at when the others have nothing left is then a short test.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    """Let a password take 1 ms, not 0.1 s: what it takes is a test of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(passwords._COST, "n", 1 << 9)
        yield
