"""Large libraries are imported as others are, with the collector as it was afterwards."""

from __future__ import annotations

import gc
import importlib
import os
import subprocess
import sys
import textwrap
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from aiomilvus import collector
from aiomilvus.collector import uncollected
from aiomilvus.native import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def nothing_is_frozen() -> None:
    """Undo what the tests' own settings froze: such a program is left alone."""
    gc.unfreeze()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package whose import makes many objects and tells whether the collector runs."""
    folder = tmp_path / "somewhere_native"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "import gc\ncollects = gc.isenabled()\nmade = [[at] for at in range(5000)]\n"
    )
    (folder / "broken.py").write_text("raise ImportError('no such thing')\n")
    (folder / "text.so").write_text("no shared object")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder.name
    sys.modules.pop(folder.name, None)


def test_a_module_is_imported_once_and_the_collector_pauses(package: str) -> None:
    module = load(package, f"{package}/text.*", "nowhere_at_all/*.so")
    assert not module.collects
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert gc.get_count()[0] < len(module.made), "what was made counts as old"
    assert load(package) is module


def test_it_pauses_around_an_import_that_is_written_out_once_only(package: str) -> None:
    with uncollected(package):
        assert not gc.isenabled()
        importlib.import_module(package)
    with uncollected(package):
        assert gc.isenabled(), "the module is there already"


def test_opening_a_database_imports_the_engine_with_the_collector_paused() -> None:
    program = """
        import gc, sys
        from aiomilvus import MilvusClient

        seen = set()
        gc.callbacks.append(lambda phase, info: seen.add(info["generation"]))
        client = MilvusClient(":memory:")
        client.list_collections()
        client.close()
        assert "aiomilvus.engine.opening" in sys.modules and gc.isenabled()
        print(sorted(seen))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, check=True, text=True
    )
    assert "2" not in done.stdout, "all that exists was looked through"


def test_the_collector_pauses_until_the_last_of_several_threads_has_loaded(
    package: str, tmp_path: Path
) -> None:
    (tmp_path / "waits_native.py").write_text(
        "import sys\nbegun, go_on = sys.modules['waits_events'].pair\n"
        "begun.set()\nassert go_on.wait(60)\n"
    )
    events = types.ModuleType("waits_events")
    begun, go_on = threading.Event(), threading.Event()
    vars(events)["pair"] = (begun, go_on)
    sys.modules["waits_events"] = events
    try:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(load, "waits_native")
            assert begun.wait(60)
            assert not load(package).collects
            assert not gc.isenabled(), "the other thread still loads"
            go_on.set()
            waiting.result(60)
    finally:
        del sys.modules["waits_events"], sys.modules["waits_native"]
    assert gc.isenabled()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_the_collector_runs_in_a_child_that_is_forked_meanwhile() -> None:
    assert collector._pause.begin()
    try:
        with collector._pause.lock:  # as if the other thread had just begun
            child = os.fork()
            if child == 0:
                collector._pause.end()  # as where the import itself has forked
                collector._pause.begin()
                collector._pause.end()
                os._exit(0 if gc.isenabled() and not gc.get_freeze_count() else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert not gc.isenabled()
    finally:
        collector._pause.end()
    assert gc.isenabled()


def test_what_a_program_freezes_while_something_is_loaded_stays_frozen() -> None:
    assert collector._pause.begin()
    gc.freeze()
    collector._pause.end()
    try:
        assert gc.get_freeze_count()
        assert gc.isenabled()
    finally:
        gc.unfreeze()


def test_the_collector_runs_again_after_a_failure(package: str) -> None:
    with pytest.raises(ImportError, match="no such thing"):
        load(f"{package}.broken")
    assert gc.isenabled()


def test_a_program_that_collects_by_hand_is_left_alone(package: str) -> None:
    gc.disable()
    try:
        load(package)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_a_program_has_frozen_stays_frozen(package: str) -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        assert load(package).collects
        assert gc.get_freeze_count() >= frozen - 10
    finally:
        gc.unfreeze()


def test_the_libraries_are_loaded_by_their_accessors() -> None:
    script = """
        from aiomilvus.engine.index.dense.faiss_library import faiss_library
        from aiomilvus.expr.text_search import check_regex
        assert faiss_library().IndexFlatL2(3).d == 3
        check_regex("a+")
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=60)
