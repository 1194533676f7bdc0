"""Every public method of the clients, and of what they return, has an example that runs."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import AsyncMilvusClient, MilvusClient, NotSupportedError
from aiomilvus.client.aio.iterators import AsyncQueryIterator, AsyncSearchIterator
from aiomilvus.client.aio.running import AsyncOptimizeTask
from aiomilvus.client.aio.watching import AsyncWatcher
from aiomilvus.client.sync.iterators import QueryIterator, SearchIterator
from aiomilvus.client.sync.running import OptimizeTask
from aiomilvus.client.sync.watching import Watcher
from tools import docstring_examples, method_table
from tools.docstring_examples import ExampleError, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASYNC = (
    AsyncMilvusClient,
    AsyncQueryIterator,
    AsyncSearchIterator,
    AsyncOptimizeTask,
    AsyncWatcher,
)
SYNC = (MilvusClient, QueryIterator, SearchIterator, OptimizeTask, Watcher)


def documented(classes: tuple[type, ...]) -> dict[str, Any]:
    """Return the public methods of the classes, and the client's class itself."""
    found: dict[str, Any] = {classes[0].__name__: classes[0]}
    for cls in classes:
        for name, method in inspect.getmembers(cls, callable):
            if not name.startswith("_"):
                found[f"{cls.__name__}.{name}"] = method
    return found


PUBLIC = {**documented(ASYNC), **documented(SYNC)}


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A Python in an empty directory, whose client is closed at the end."""
    monkeypatch.chdir(tmp_path)
    loop = asyncio.new_event_loop()
    started = Session(loop)
    try:
        yield started
        started.run("closing = client.close()")
        closing = started.names["closing"]
        if closing is not None:
            loop.run_until_complete(closing)
        left = asyncio.all_tasks(loop)
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_method_has_an_example_of_itself(name: str) -> None:
    examples = docstring_examples.examples(PUBLIC[name])
    called = name.rpartition(".")[2]
    assert any(called in example.source for example in examples), f"{name} has no example"


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_of_a_method_runs(name: str, session: Session) -> None:
    is_async = name.startswith("Async")
    session.run(docstring_examples.SETUP if is_async else docstring_examples.SYNC_SETUP)
    method = PUBLIC[name]
    of_client = name.rpartition(".")[0].endswith("MilvusClient")
    twin = getattr(AsyncMilvusClient, name.rpartition(".")[2], None)
    if of_client and not method_table.is_served(twin):
        with pytest.raises(NotSupportedError, match=name.rpartition(".")[2]):
            check(session, method)
    else:
        check(session, method)


def check(session: Session, method: Any) -> None:
    for example in docstring_examples.examples(method):
        session.check(example)


def test_an_example_that_prints_something_else_is_an_error(session: Session) -> None:
    def wrong() -> None:
        """Do nothing.

        Example:
            >>> 1 + 1
            3
        """

    session.run(docstring_examples.SETUP)
    with pytest.raises(ExampleError, match="printed\n2\nbut the docstring says\n3"):
        check(session, wrong)


def test_what_an_example_prints_is_found_wherever_standard_output_goes(session: Session) -> None:
    session.run(docstring_examples.SETUP)
    lines = ["import contextlib, io", "with contextlib.redirect_stdout(io.StringIO()):"]
    assert session.run("\n".join([*lines, "    print('told')", "    print(2)"])) == "told\n2\n"
    assert session.run("1 + 1", "single") == "2\n"


def test_examples_become_code_to_copy() -> None:
    def documented_one() -> None:
        """Do nothing.

        Example:
            >>> for n in range(2):
            ...     print(n)
            0
            1
            >>> x = 1
        """

    found = docstring_examples.examples(documented_one)
    wanted = "for n in range(2):\n    print(n)\n# 0\n# 1\nx = 1"
    assert docstring_examples.as_code(found) == wanted
