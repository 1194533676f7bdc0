"""The examples in the docstrings of public methods: what they start from, and how they run.

An example is written as a session of ``python -m asyncio``, under ``Example:``; what follows a
prompt is run, what stands below it is what Python prints. `SETUP` has run before each, on a
database of its own, so an example shows what it is about and no more. The reference pages show
`SETUP` once, at their top.
"""

from __future__ import annotations

import ast
import doctest
import inspect
import sys
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Any

from tools.make_sync import rewrite_text

if TYPE_CHECKING:
    import asyncio

SETUP = """\
from pathlib import Path

from aiomilvus import (
    AnnSearchRequest,
    AsyncMilvusClient,
    DataType,
    Function,
    FunctionType,
    RRFRanker,
    register_embedding,
)

client = AsyncMilvusClient("./library.db")

# Books: a primary key, a vector, and whatever else a row has.
await client.create_collection("books", dimension=2)
books = [
    {"id": 1, "vector": [0.1, 0.9], "title": "On Tides", "year": 1931},
    {"id": 2, "vector": [0.9, 0.1], "title": "On Foxes", "year": 1975},
    {"id": 3, "vector": [0.7, 0.6], "title": "On Rivers", "year": 1988},
]
await client.insert("books", books)

# Blurbs: a schema of their own, with a text that can be searched.
schema = client.create_schema()
schema.add_field("id", DataType.INT64, is_primary=True)
schema.add_field("blurb", DataType.VARCHAR, max_length=500, enable_analyzer=True)
schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
params = client.prepare_index_params("vector", index_type="AUTOINDEX", metric_type="L2")
await client.create_collection("blurbs", schema=schema, index_params=params)
await client.insert("blurbs", {"id": 1, "blurb": "How tides work.", "vector": [0, 1]})

# Two models, here no more than functions.
register_embedding("lengths", lambda texts: [[len(text), 1.0] for text in texts])
register_embedding("words", lambda texts: [[len(text.split()), 1.0] for text in texts])
"""
SYNC_SETUP = rewrite_text(SETUP)

_CHECKER = doctest.OutputChecker()
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class ExampleError(AssertionError):
    """An example printed something else than its docstring says."""


def examples(documented: Any) -> list[doctest.Example]:
    """Return the examples in a function's or class' docstring, in their order."""
    text = inspect.getdoc(documented) or ""
    return doctest.DocTestParser().get_examples(text, getattr(documented, "__name__", "?"))


class Session:
    """An interactive Python in which ``await`` may stand at the top level.

    Args:
        loop: Runs what is awaited.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self._loop = loop

    def run(self, source: str, mode: str = "exec") -> str:
        """Run a piece of source and return what it printed; "single" prints values, too.

        The source gets a `print` of its own: standard output belongs to the whole process, in
        which a library or another thread may put something else in its place meanwhile.
        """
        code = compile(source, "<example>", mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        printed = StringIO()
        self.names["print"] = partial(print, file=printed)
        shown, sys.displayhook = sys.displayhook, partial(_display, printed)
        try:
            if code.co_flags & inspect.CO_COROUTINE:
                self._loop.run_until_complete(eval(code, self.names))  # noqa: S307 - our own
            else:
                exec(code, self.names)  # noqa: S102 - our own
        finally:
            sys.displayhook = shown
        return printed.getvalue()

    def check(self, example: doctest.Example) -> None:
        """Run an example.

        Raises:
            ExampleError: It printed something else.
        """
        printed = self.run(example.source, "single")
        if not _CHECKER.check_output(example.want, printed, _FLAGS):
            message = f"{example.source}printed\n{printed}but the docstring says\n{example.want}"
            raise ExampleError(message)


def _display(printed: StringIO, value: object) -> None:
    if value is not None:
        print(repr(value), file=printed)


def as_code(found: list[doctest.Example]) -> str:
    """Return examples as code to copy, what they print as comments below."""
    lines = []
    for example in found:
        lines.append(example.source.rstrip("\n"))
        lines.extend(f"# {line}" for line in example.want.splitlines())
    return "\n".join(lines)
