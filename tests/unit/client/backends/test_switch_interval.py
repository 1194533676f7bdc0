"""Shorter turns of threads while an asynchronous client is open."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from aiomilvus import AsyncMilvusClient, MilvusClient
from aiomilvus.client.backends.embedded import switch_interval
from aiomilvus.client.backends.embedded.switch_interval import BRIEF, USUAL

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start from Python's own setting and no client; leave both as they were."""
    monkeypatch.setattr(switch_interval, "_holders", 0)
    monkeypatch.setattr(switch_interval, "_changed", False)
    before = sys.getswitchinterval()
    sys.setswitchinterval(USUAL)
    yield
    sys.setswitchinterval(before)


async def test_turns_are_brief_from_the_first_clients_opening_to_the_last_ones_closing() -> None:
    async with AsyncMilvusClient(":memory:") as first, AsyncMilvusClient(":memory:") as second:
        assert sys.getswitchinterval() == USUAL
        await first.list_collections()
        await second.list_collections()
        assert sys.getswitchinterval() == BRIEF
        await first.close()
        assert sys.getswitchinterval() == BRIEF
    assert sys.getswitchinterval() == USUAL


@pytest.mark.parametrize("own", [0.01, BRIEF])
async def test_what_the_program_has_set_is_left_alone(own: float) -> None:
    sys.setswitchinterval(own)
    async with AsyncMilvusClient(":memory:") as client:
        await client.list_collections()
        assert sys.getswitchinterval() == own
    assert sys.getswitchinterval() == own


async def test_what_the_program_sets_meanwhile_is_left_alone() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        await client.list_collections()
        sys.setswitchinterval(0.002)
    assert sys.getswitchinterval() == 0.002


def test_a_synchronous_client_changes_nothing() -> None:
    with MilvusClient(":memory:") as client:
        client.list_collections()
        assert sys.getswitchinterval() == USUAL


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
async def test_a_forked_child_starts_anew() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        await client.list_collections()
        child = os.fork()
        if not child:
            os._exit(0 if sys.getswitchinterval() == USUAL else 1)
        _, status = await asyncio.to_thread(os.waitpid, child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert sys.getswitchinterval() == BRIEF


def test_a_client_found_unclosed_while_turns_begin_does_not_stop_the_thread() -> None:
    switch_interval.shorten_switch_interval()
    collected = threading.Thread(target=_give_back_within, daemon=True)
    collected.start()
    collected.join(30)
    assert not collected.is_alive()
    assert sys.getswitchinterval() == USUAL


def _give_back_within() -> None:
    with switch_interval._lock:  # garbage may be collected at any point, here too
        switch_interval.restore_switch_interval()
