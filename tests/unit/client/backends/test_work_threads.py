"""Threads for writes take one piece of work after the other, and let none wait for a busy one."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from aiomilvus.client.backends.embedded import work_threads
from aiomilvus.client.backends.embedded.work_threads import WorkThreads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 30.0


def until(holds: Callable[[], bool]) -> None:
    """Return once something holds that other threads bring about."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0)


@pytest.fixture
def threads() -> Iterator[WorkThreads]:
    made = WorkThreads(4, "test")
    yield made
    made.shutdown()


def test_what_is_submitted_by_whoever_was_told_is_done_by_the_same_thread(
    threads: WorkThreads,
) -> None:
    done = threading.Event()
    by: list[int] = []

    def step(left: int) -> Callable[[], None]:
        by.append(threading.get_ident())
        return (lambda: threads.submit(lambda: step(left - 1))) if left else done.set

    threads.submit(lambda: step(20))
    assert done.wait(PATIENCE)
    assert len(by) == 21
    assert len(set(by)) == 1


def test_work_that_comes_together_has_a_thread_each(threads: WorkThreads) -> None:
    together = threading.Barrier(4)
    ended = threading.Semaphore(0)

    def meet() -> Callable[[], None]:
        together.wait(PATIENCE)
        return ended.release

    def several() -> None:
        for _ in range(4):
            threads.submit(meet)

    def begin() -> Callable[[], None]:
        return several

    threads.submit(begin)
    assert all(ended.acquire(timeout=PATIENCE) for _ in range(4))
    several()
    assert all(ended.acquire(timeout=PATIENCE) for _ in range(4))


def test_a_thread_that_waits_for_a_moment_takes_what_comes(threads: WorkThreads) -> None:
    by: list[int] = []
    ended = threading.Semaphore(0)

    def begin() -> Callable[[], None]:
        by.append(threading.get_ident())
        return ended.release

    for _ in range(50):
        threads.submit(begin)
        assert ended.acquire(timeout=PATIENCE)
        until(lambda: bool(threads._idle))
    assert len(set(by)) == 1
    assert len(threads._idle) == 1


def test_threads_rest_after_a_moment_and_are_used_again(
    threads: WorkThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_threads, "_MOMENT", 0.0)
    ended = threading.Semaphore(0)
    for _ in range(200):
        threads.submit(lambda: ended.release)
        assert ended.acquire(timeout=PATIENCE)
    until(lambda: not threads._running)
    assert (threads._ready, threads._idle) == (0, [])
    threads.submit(lambda: ended.release)
    assert ended.acquire(timeout=PATIENCE)


def test_work_of_many_threads_meets_threads_that_are_about_to_rest(
    threads: WorkThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_threads, "_MOMENT", 1e-5)
    ended = threading.Semaphore(0)

    def several() -> None:
        for _ in range(200):
            threads.submit(lambda: ended.release)

    callers = [threading.Thread(target=several) for _ in range(4)]
    for caller in callers:
        caller.start()
    assert all(ended.acquire(timeout=PATIENCE) for _ in range(800))
    for caller in callers:
        caller.join()
    until(lambda: not threads._running)
    assert (threads._ready, threads._idle, len(threads._waiting)) == (0, [], 0)


def test_threads_that_wait_end_with_the_shutdown(
    threads: WorkThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_threads, "_MOMENT", 10 * PATIENCE)
    threads.submit(lambda: lambda: None)
    until(lambda: bool(threads._idle))
    threads.shutdown()
    until(lambda: not threads._running)


def test_there_are_no_more_threads_than_allowed_and_all_work_is_done(threads: WorkThreads) -> None:
    lock = threading.Lock()
    by: set[int] = set()
    ended = threading.Semaphore(0)

    def begin() -> Callable[[], None]:
        with lock:
            by.add(threading.get_ident())
        return ended.release

    for _ in range(200):
        threads.submit(begin)
    assert all(ended.acquire(timeout=PATIENCE) for _ in range(200))
    assert len(by) <= 4


def test_what_waits_is_done_after_the_shutdown_and_no_more_is_taken() -> None:
    threads = WorkThreads(1, "test")
    go, ended = threading.Event(), threading.Semaphore(0)

    def begin() -> Callable[[], None]:
        go.wait(PATIENCE)
        return ended.release

    threads.submit(begin)
    threads.submit(begin)
    threads.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        threads.submit(begin)
    go.set()
    assert all(ended.acquire(timeout=PATIENCE) for _ in range(2))


def test_a_caller_that_can_not_be_told_ends_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    threads = WorkThreads(1, "test")
    ended = threading.Event()

    def refuse() -> None:
        raise RuntimeError("nobody is there")

    threads.submit(lambda: refuse)
    threads.submit(lambda: ended.set)
    assert ended.wait(PATIENCE)
    threads.shutdown()
    assert "nobody could be told" in caplog.text


def test_work_that_no_thread_takes_is_refused_and_forgotten(
    threads: WorkThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def no_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threads._pool, "submit", no_thread)
        with pytest.raises(RuntimeError, match="can't start"):
            threads.submit(lambda: ended.set)
    assert not ended.is_set()
    threads.submit(lambda: ended.set)
    assert ended.wait(PATIENCE)
    assert not threads._waiting
