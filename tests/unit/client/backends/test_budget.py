"""What a call may spend: all of it in one budget."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from aiomilvus.client.backends.remote import budget
from aiomilvus.client.backends.remote.budget import Budget, backoff
from aiomilvus.client.call_notes import note
from aiomilvus.errors import DeadlineExceededError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _unnoted() -> Iterator[None]:
    yield
    note({})


def test_pauses_grow_up_to_a_bound() -> None:
    delays = list(itertools.islice(backoff(), 40))
    assert all(0.01 <= delay <= 3 for delay in delays)
    assert all(delay >= 1.5 for delay in delays[10:])
    assert delays[0] <= 0.02


async def test_tries_end_with_the_number_that_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "backoff", lambda: itertools.repeat(0.0))
    note({"retry_times": 2})
    spent = Budget(60)
    note({})  # a budget keeps what was said when it was made
    assert [await spent.another_try("full") for _ in range(4)] == [True, True, False, False]
    assert spent.tries == 2
    assert all([await Budget(60).another_try("full") for _ in range(100)])


async def test_no_try_begins_that_would_end_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "backoff", lambda: itertools.repeat(1000.0))
    spent = Budget(60)
    assert not await spent.another_try("full")
    assert spent.tries == 0


def test_no_time_left_is_an_error_that_names_phase_and_limit() -> None:
    with pytest.raises(DeadlineExceededError, match=r"connecting took longer .* of 0 s"):
        Budget(0).left("connecting")


async def test_the_error_names_the_failure_of_the_last_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "backoff", lambda: itertools.repeat(0.0))
    spent = Budget(60)
    assert await spent.another_try("too many requests")
    assert spent.exceeded("Insert").message == (
        "Insert took longer than the timeout of 60 s; try 1 failed: too many requests"
    )
