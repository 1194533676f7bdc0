"""Odd values as every argument of every method: an answer, or an error that names the argument."""

from __future__ import annotations

import os
import warnings
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import MilvusException
from tests.support.odd_values import ODD, good_arguments, methods, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.behaviour.conftest import Door

EVERY = 1 if os.environ.get("ODD") == "all" else 16
"""Each argument gets each of so many values, in turn; ``ODD=all`` gives it all."""


def odd_calls(method: str, door: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return calls with one odd argument each, and the argument's name.

    A method has other values at a server than in this process.
    """
    turn = count(len(method) + EVERY // 2 * door.startswith("remote"))
    for place in places(method):
        first = next(turn) % EVERY
        for value in list(ODD.values())[first::EVERY]:
            yield place, {**good_arguments(method), place: value}


@pytest.mark.parametrize("method", methods())
async def test_an_odd_argument_is_answered_or_refused_by_its_name(
    client: Door, door_name: str, method: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # what "x" and Path("x") are taken to name
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": 1, "vector": [0.0, 1.0]}])
    for place, arguments in odd_calls(method, door_name):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                answer = await getattr(client, method)(**arguments)
                if hasattr(answer, "next"):
                    await client.first_batch(answer)
        except MilvusException:
            continue
        except Exception as error:  # noqa: BLE001 - judged here, with the call in the message
            is_named = isinstance(error, TypeError) and (
                place in str(error) or "missing" in str(error)
            )
            if not is_named:
                pytest.fail(f"{method}({place}={arguments[place]!r}): {error!r}")
    await client.use_database("default")
    assert isinstance(await client.list_collections(), list)
