"""Group commit: each request gets its own outcome, in order, and none is lost."""

import threading
from dataclasses import dataclass, field

import pytest

from aiomilvus.engine.storage.group_commit import GroupCommit
from aiomilvus.errors import RateLimitError, StorageError


@dataclass(eq=False)
class Request:
    number: int
    alone: bool = False
    error: BaseException | None = None
    done: bool = False
    wakes: threading.Event = field(default_factory=threading.Event)


def run_all(queue: GroupCommit[Request], requests: list[Request]) -> dict[int, BaseException]:
    raised: dict[int, BaseException] = {}

    def submit(request: Request) -> None:
        try:
            queue.submit(request)
        except ValueError as error:
            raised[request.number] = error

    threads = [threading.Thread(target=submit, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_every_request_is_committed_once_and_never_two_groups_at_a_time():
    committed: list[int] = []
    busy = threading.Lock()

    def commit(group):
        assert busy.acquire(blocking=False)
        committed.extend(request.number for request in group)
        busy.release()

    requests = [Request(n) for n in range(50)]
    assert run_all(GroupCommit(commit), requests) == {}
    assert sorted(committed) == list(range(50))


def test_requests_that_wait_go_together():
    groups: list[list[int]] = []
    gate = threading.Event()
    started = threading.Event()

    def commit(group):
        groups.append([request.number for request in group])
        started.set()
        assert gate.wait(30)

    queue = GroupCommit(commit)
    first = threading.Thread(target=queue.submit, args=(Request(0),))
    first.start()
    assert started.wait(30)
    others = [threading.Thread(target=queue.submit, args=(Request(n),)) for n in (1, 2, 3)]
    for thread in others:
        thread.start()
    while len(queue._queue) < 3:
        pass
    gate.set()
    for thread in [first, *others]:
        thread.join()
    assert groups[0] == [0]
    assert sorted(groups[1]) == [1, 2, 3]
    assert len(groups) == 2


def test_a_request_that_reads_first_is_a_group_of_its_own():
    groups: list[list[int]] = []
    queue: GroupCommit[Request] = GroupCommit(
        lambda group: groups.append([r.number for r in group])
    )
    run_all(queue, [Request(n, alone=n % 2 == 0) for n in range(40)])
    assert all(len(group) == 1 for group in groups if any(n % 2 == 0 for n in group))
    assert sorted(n for group in groups for n in group) == list(range(40))


def test_one_request_may_fail_alone():
    def commit(group):
        for request in group:
            if request.number == 3:
                request.error = ValueError("three")

    raised = run_all(GroupCommit(commit), [Request(n) for n in range(8)])
    assert list(raised) == [3]


def test_a_commit_that_raises_fails_its_group_and_the_next_goes_on():
    outcomes = iter([ValueError("disk"), None])

    def commit(_group):
        outcome = next(outcomes)
        if outcome is not None:
            raise outcome

    queue = GroupCommit(commit)
    with pytest.raises(ValueError, match="disk"):
        queue.submit(Request(1))
    queue.submit(Request(2))


def test_others_learn_that_their_leader_was_interrupted_and_are_not():
    started, gate = threading.Event(), threading.Event()

    def commit(group):
        if group[0].number == 0:
            started.set()
            assert gate.wait(30)
            raise KeyboardInterrupt

    queue = GroupCommit(commit)
    raised: list[BaseException] = []

    def submit(number: int) -> None:
        try:
            queue.submit(Request(number))
        except BaseException as error:  # noqa: BLE001 - looked at below
            raised.append(error)

    leader, other = Request(0), Request(1)
    leading = threading.Thread(target=submit, args=(0,))
    leading.start()
    assert started.wait(30)
    gate.set()
    leading.join()
    assert [type(error) for error in raised] == [KeyboardInterrupt]
    group = iter([[leader, other]])
    queue._next_group = lambda: next(group)  # type: ignore[method-assign]
    gate.set()
    queue._lead(leader)
    assert isinstance(leader.error, KeyboardInterrupt)
    assert isinstance(other.error, StorageError)
    assert "look before you retry" in other.error.message


def test_what_was_interrupted_while_it_waited_is_never_written():
    written: list[int] = []
    started, gate = threading.Event(), threading.Event()

    def commit(group):
        written.extend(request.number for request in group)
        started.set()
        assert gate.wait(30)

    queue: GroupCommit[Request] = GroupCommit(commit)
    leading = threading.Thread(target=queue.submit, args=(Request(0),))
    leading.start()
    assert started.wait(30)

    def interrupted() -> None:
        raise KeyboardInterrupt

    wait, queue._changed.wait = queue._changed.wait, interrupted  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        queue.submit(Request(1))
    queue._changed.wait = wait  # type: ignore[method-assign]
    gate.set()
    leading.join()
    queue.submit(Request(2))
    assert written == [0, 2]


def test_each_caller_of_a_failed_group_gets_an_error_of_its_own():
    gate, started = threading.Event(), threading.Event()
    failure = RateLimitError(message="too much", retriable=False)

    def commit(group):
        started.set()
        assert gate.wait(30)
        if len(group) > 1:
            raise failure

    queue: GroupCommit[Request] = GroupCommit(commit)
    first = threading.Thread(target=queue.submit, args=(Request(0),))
    first.start()
    assert started.wait(30)
    raised: list[RateLimitError] = []

    def submit(number: int) -> None:
        try:
            queue.submit(Request(number))
        except RateLimitError as error:
            raised.append(error)

    others = [threading.Thread(target=submit, args=(n,)) for n in range(1, 5)]
    for thread in others:
        thread.start()
    while len(queue._queue) < 4:
        gate.wait(0.001)
    gate.set()
    for thread in [first, *others]:
        thread.join()
    assert len({id(error) for error in raised}) == len(raised) == 4
    assert {(e.message, e.retriable) for e in raised} == {("too much", False)}
