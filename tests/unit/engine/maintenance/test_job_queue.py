"""Lanes: jobs one after the other, whatever one of them ends in."""

import errno
import threading
from collections.abc import Iterator

import pytest

from aiomilvus.engine.maintenance import job_queue
from aiomilvus.engine.maintenance.job_queue import Lane
from aiomilvus.errors import DataCorruptedError, StorageError

CHANGED = threading.Condition()
WAIT = 20


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lane]:
    monkeypatch.setattr(job_queue, "FIRST_PAUSE", 0.01)
    lane = Lane("jobs", CHANGED, yields=False)
    yield lane
    lane.close()


def until_idle(lane: Lane) -> None:
    with CHANGED:
        assert CHANGED.wait_for(lambda: lane.is_idle, WAIT)


def test_what_waits_already_is_not_asked_for_twice(lane: Lane):
    hold, done = threading.Event(), []

    def first() -> None:
        hold.wait(WAIT)

    lane.ask(("first", 1), first)
    for _ in range(3):
        lane.ask(("second", 1), lambda: done.append(1))
    hold.set()
    until_idle(lane)
    assert done == [1]


@pytest.mark.parametrize(
    "refusal", [OSError(errno.ENOSPC, "No space left on device"), StorageError(message="full")]
)
def test_what_the_disk_refused_is_tried_again_until_it_succeeds(
    lane: Lane, refusal: Exception, caplog: pytest.LogCaptureFixture
):
    tries: list[int] = []
    finished = threading.Event()

    def job() -> None:
        tries.append(len(tries))
        if len(tries) < 4:
            raise refusal
        finished.set()

    lane.ask(("build", 1), job)
    assert finished.wait(WAIT)
    until_idle(lane)
    assert tries == [0, 1, 2, 3]
    assert caplog.text.count("maintenance failed") == 3


def test_damage_is_not_tried_again(lane: Lane, caplog: pytest.LogCaptureFixture):
    tries = []

    def job() -> None:
        tries.append(1)
        raise DataCorruptedError(message="f100.amv is damaged")

    lane.ask(("upkeep", 1), job)
    until_idle(lane)
    assert not lane._refused
    assert tries == [1]
    assert "f100.amv is damaged" in caplog.text


def test_asking_again_does_not_wait_for_the_pause(lane: Lane, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job_queue, "FIRST_PAUSE", 1000.0)
    tries = []

    def job() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    for _ in range(2):
        lane.ask(("build", 1), job)
        until_idle(lane)
    assert tries == [1, 1]
    assert not lane._refused


def test_a_job_that_ends_in_a_fault_is_told_and_holds_nobody_up(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
):
    told: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    done = threading.Event()

    def job() -> None:
        raise MemoryError("no memory for this")

    lane.ask(("seal", 1), job)
    lane.ask(("seal", 2), done.set)
    assert done.wait(WAIT)
    until_idle(lane)
    assert [str(each.exc_value) for each in told] == ["no memory for this"]
    assert told[0].thread is not None
    assert told[0].thread.name == "jobs"


def test_closing_forgets_what_was_to_be_tried_again(lane: Lane, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job_queue, "FIRST_PAUSE", 1000.0)

    def job() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    lane.ask(("build", 1), job)
    until_idle(lane)
    lane.close()
    assert "jobs" not in {thread.name for thread in threading.enumerate()}


def test_a_lane_whose_thread_could_not_start_begins_with_the_next_job(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
):
    done: list[str] = []

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            lane.ask(("first", 1), lambda: done.append("first"))
    lane.ask(("second", 1), lambda: done.append("second"))
    until_idle(lane)
    assert done == ["first", "second"]
