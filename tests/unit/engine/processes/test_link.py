"""A follower's end and the leader's end, without databases."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.processes.announcement import (
    announce,
    is_left_behind,
    listening_socket,
    prove,
    remove_socket,
)
from aiomilvus.engine.processes.link import LeaderLostError, Link
from aiomilvus.engine.processes.listener import Listener
from aiomilvus.engine.processes.messages import Call
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import DatabaseClosedError, StorageError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn
from aiomilvus.model.operations.collections import DropCollection
from aiomilvus.model.operations.data import Insert
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from aiomilvus.engine.processes.messages import Answer
    from aiomilvus.model.operations.base import Operation

FILES = FileSystem()


def ends(
    folder: Path,
    execute: Callable[[Operation[object]], object],
    known: Callable[[Call], Answer | None] = lambda _: None,
) -> tuple[Listener, Link]:
    channel, address = listening_socket(FILES, folder)
    told = announce(FILES, folder, 1, address)
    return Listener(channel, told.secret, execute, known), Link(folder, told)


def call(request: str, *, again: bool = False) -> Call:
    return Call(request, DropCollection(collection="c"), again)


def test_a_leader_that_went_before_it_was_watched_is_told_as_lost(tmp_path: Path) -> None:
    listener, link = ends(tmp_path, lambda _: None)
    listener.close()
    lost = threading.Event()
    link.watch(lambda _: lost.set())
    assert lost.wait(30)


def test_a_call_that_is_sent_twice_is_carried_out_once(tmp_path: Path) -> None:
    done: list[object] = []
    listener, link = ends(tmp_path, done.append)
    link.call(call("one"))
    link.call(call("one", again=True))
    assert len(done) == 1
    link.close()
    listener.close()


def test_an_earlier_leader_s_outcome_is_looked_up_for_calls_that_are_sent_again_only(
    tmp_path: Path,
) -> None:
    asked: list[str] = []
    listener, link = ends(tmp_path, lambda _: None, lambda each: asked.append(each.request))
    link.call(call("one"))
    link.call(call("two", again=True))
    assert asked == ["two"]
    link.close()
    listener.close()


def test_what_a_closing_leader_did_not_carry_out_is_for_the_next_one(tmp_path: Path) -> None:
    begun, closing = threading.Event(), threading.Event()

    def execute(_: Operation[object]) -> object:
        begun.set()
        closing.wait(30)
        raise DatabaseClosedError(message="closed")

    listener, link = ends(tmp_path, execute)
    lost: list[str] = []

    def ask() -> None:
        with pytest.raises(LeaderLostError):
            link.call(call("one"))
        lost.append("one")

    asking = threading.Thread(target=ask)
    asking.start()
    begun.wait(30)
    ending = threading.Thread(target=listener.close)
    ending.start()
    while not listener._closing:
        pass
    closing.set()
    asking.join(30)
    ending.join(30)
    assert lost == ["one"]
    link.close()


def test_an_answer_that_can_t_be_sent_is_told_as_an_error(tmp_path: Path) -> None:
    listener, link = ends(tmp_path, lambda _: threading.Lock())
    answer = link.call(call("one"))
    assert answer.error is not None
    assert "can't be sent" in answer.error.message
    link.close()
    listener.close()


def test_where_a_folder_takes_no_socket_another_one_does(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    channel, address = listening_socket(FILES, deep)
    assert not address.startswith(str(deep))
    channel.close()
    remove_socket(FILES, deep, address)
    assert not FILES.exists(tmp_path.__class__(address).parent)


def test_a_leader_that_died_is_told_from_one_that_listens_and_from_none(tmp_path: Path) -> None:
    assert not is_left_behind(FILES, tmp_path)
    channel, address = listening_socket(FILES, tmp_path)
    announce(FILES, tmp_path, 1, address)
    assert not is_left_behind(FILES, tmp_path)
    channel.close()
    assert is_left_behind(FILES, tmp_path)


def test_a_leader_that_takes_no_more_of_a_large_call_is_told_as_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SILENCE_SECONDS", "CONNECT_SECONDS"):
        monkeypatch.setattr(f"aiomilvus.engine.processes.link.{name}", 0.2)
    listening, link, channels = _silent_after_the_proof(tmp_path)
    rows = ColumnBatch(1, {"text": BytesColumn.of([bytes(1 << 24)])})
    with pytest.raises(StorageError, match="as if it was stopped"):
        link.call(Call("one", Insert(collection="c", batch=rows)))
    link.close()
    for channel in (listening, *channels):
        channel.close()


def _silent_after_the_proof(folder: Path) -> tuple[socket.socket, Link, list[socket.socket]]:
    """Return a link to a leader that is stopped once it has taken two channels."""
    listening, address = listening_socket(FILES, folder)
    told = announce(FILES, folder, 1, address)
    channels: list[socket.socket] = []

    def lead() -> None:
        for _ in range(2):  # the one that is watched, and the call's
            channel, _ = listening.accept()
            prove(channel, told.secret, first=False)
            channels.append(channel)

    threading.Thread(target=lead, daemon=True).start()
    return listening, Link(folder, told), channels


@pytest.mark.parametrize("size", [1, 1 << 14, (1 << 20) + 1, 1 << 23])
def test_calls_and_answers_of_any_size_arrive(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    rows = ColumnBatch(1, {"text": BytesColumn.of([content])})

    def execute(operation: Operation[object]) -> MutationResult:
        assert isinstance(operation, Insert)
        return MutationResult(insert_count=1, ids=operation.batch["text"])

    listener, link = ends(tmp_path, execute)
    for number in range(2):  # the second on the channel of the first
        result = link.call(Call(str(number), Insert(collection="c", batch=rows))).result
        assert isinstance(result, MutationResult)
        assert BytesColumn.expect(result.ids).raw(0) == content
    link.close()
    listener.close()
