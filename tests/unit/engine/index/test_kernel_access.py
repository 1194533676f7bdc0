"""Deriving in the background: a program that ends does without, and says nothing."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from aiomilvus.engine.index.dense import kernel_access

ENDING = """
import concurrent.futures.thread, threading
from aiomilvus.engine.index.dense import kernel_access

kernels = kernel_access._background._loading = concurrent.futures.Future()
kernel_access.after_loading(lambda: print("derived"))

def load():
    while not concurrent.futures.thread._shutdown:
        pass
    kernels.set_result(None)
    assert kernel_access.side_by_side([lambda: 1, lambda: 2]) == [1, 2]
    print("loaded")

threading.Thread(target=load).start()
"""


@pytest.fixture
def shut_down() -> ThreadPoolExecutor:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    return pool


def test_a_program_that_ends_while_kernels_load_ends_without_a_word() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path}\n{ENDING}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("loaded\n", "", 0)


@pytest.mark.parametrize("ends", [False, True])
def test_what_no_thread_takes_is_left_undone(
    shut_down: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    ends: bool,
) -> None:
    background = kernel_access._Background()
    background._pool, background._loading = shut_down, Future()
    monkeypatch.setattr(kernel_access, "_background", background)
    monkeypatch.setattr(kernel_access, "is_ending", lambda: ends)
    kernel_access.in_background(list)
    kernel_access.after_loading(list)
    background._loading.set_result(None)
    said = [(each.name, each.levelno) for each in caplog.records if each.levelno > logging.DEBUG]
    assert said == ([] if ends else [(kernel_access.__name__, logging.WARNING)] * 2)


def test_queries_are_answered_by_who_asks_where_no_thread_takes_them(
    shut_down: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = [partial(pow, 2, each) for each in range(4)]
    assert kernel_access.side_by_side(work) == [1, 2, 4, 8]
    monkeypatch.setattr(kernel_access, "_batch_threads", shut_down)
    assert kernel_access.side_by_side(work) == [1, 2, 4, 8]
