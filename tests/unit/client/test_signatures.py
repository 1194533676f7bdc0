"""Every public method of pymilvus' clients exists, with its parameters, order and defaults."""

from __future__ import annotations

import inspect
from typing import Any

import pymilvus
import pytest

import aiomilvus

METHODS = sorted(name for name in dir(pymilvus.MilvusClient) if not name.startswith("_"))


def parameters(method: Any) -> list[inspect.Parameter]:
    every = inspect.signature(method).parameters.values()
    return [each for each in every if each.kind is not inspect.Parameter.VAR_KEYWORD]


def test_there_are_126_methods() -> None:
    assert len(METHODS) == 126


@pytest.mark.parametrize("client", ["MilvusClient", "AsyncMilvusClient"])
@pytest.mark.parametrize("name", ["__init__", *METHODS])
def test_the_signature_agrees_with_pymilvus(client: str, name: str) -> None:
    theirs = getattr(getattr(pymilvus, client), name, None)
    theirs = theirs or getattr(pymilvus.MilvusClient, name)
    wanted = parameters(theirs)
    ours = parameters(getattr(getattr(aiomilvus, client), name))
    assert [each.name for each in ours[: len(wanted)]] == [each.name for each in wanted]
    for given, asked in zip(ours, wanted, strict=False):
        assert given.kind is asked.kind
        # A default where pymilvus demands the argument takes nothing from a caller.
        assert asked.default in (given.default, inspect.Parameter.empty)
    assert all(each.default is not inspect.Parameter.empty for each in ours[len(wanted) :])


@pytest.mark.parametrize("name", METHODS)
def test_what_pymilvus_awaits_is_awaited(name: str) -> None:
    theirs = getattr(pymilvus.AsyncMilvusClient, name, None)
    if theirs is None:
        return
    ours = getattr(aiomilvus.AsyncMilvusClient, name)
    refused_at_once = {"dump_messages", "session"}
    if name not in refused_at_once:
        assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs)
    assert not inspect.iscoroutinefunction(getattr(aiomilvus.MilvusClient, name))


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(aiomilvus.AsyncMilvusClient, name))


@pytest.mark.parametrize("owner", [aiomilvus.AsyncMilvusClient, aiomilvus.MilvusClient])
def test_python_names_methods_after_the_client(owner: Any) -> None:
    for name, member in inspect.getmembers(owner, inspect.isroutine):
        if inspect.isfunction(member) or inspect.ismethod(member):
            assert member.__qualname__ == f"{owner.__name__}.{name}"
    with pytest.raises(TypeError, match=rf"^{owner.__name__}\.dump_messages\(\) missing 1"):
        owner.dump_messages(None, "channel")
