"""tools/make_sync.py: what changes, what stays, what is refused, and how --check tells."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from tools import make_sync

if TYPE_CHECKING:
    from pathlib import Path


def convert(source: str) -> str:
    return make_sync.convert(textwrap.dedent(source), "x.py")


@pytest.mark.parametrize(
    ("source", "twin"),
    [
        ("async def f(): pass\n", "def f(): pass\n"),
        ("x = await f(a, b)\n", "x = f(a, b)\n"),
        ("x = await  f()  # why\n", "x = f()  # why\n"),
        ("async with a as b: pass\n", "with a as b: pass\n"),
        ("[x async for x in y]\n", "[x for x in y]\n"),
        ("x = (await f()).name\n", "x = f().name\n"),
        ("x = g((await f(1)[0]))\n", "x = g(f(1)[0])\n"),
        ("x = g(await f())\n", "x = g(f())\n"),
        ("x = (await f(), 1)\n", "x = (f(), 1)\n"),
        ("x = (await f() or 1).y\n", "x = (f() or 1).y\n"),
        ("x = (await f() if a else b).y\n", "x = (f() if a else b).y\n"),
        ("return_ = (await f('(')).y\n", "return_ = f('(').y\n"),
        ("x = not (await f()).y\n", "x = not f().y\n"),
        ("x = 'é', (await f()).y\n", "x = 'é', f().y\n"),
        ("client: AsyncMilvusClient\n", "client: MilvusClient\n"),
        ("x: AsyncThing | Async\n", "x: Thing | Async\n"),
        ("await x.aclose()\n", "x.close()\n"),
        ("from aiomilvus.client.aio.rows import f\n", "from aiomilvus.client.sync.rows import f\n"),
        ("aio = other.aio\n", "aio = other.aio\n"),
        ("asynchronous = 1\n", "asynchronous = 1\n"),
        ("# AsyncX, asynchronous\n", "# X, synchronous\n"),
        ("f'{x} AsyncX {AsyncY} await'\n", "f'{x} X {Y} await'\n"),
    ],
)
def test_a_construct_becomes_its_synchronous_twin(source: str, twin: str):
    assert convert(source) == twin


def test_an_await_over_several_lines_keeps_the_parentheses_it_needs():
    source = """\
        x = (await f(
            1
        )).y
        """
    assert convert(source) == "x = (f(\n    1\n)).y\n"


def test_the_iteration_and_context_protocols_change_together():
    source = '''\
        class AsyncPages:
            """Iterate: ``async for page in await client.pages(1)``; await nothing else."""

            async def __aenter__(self): ...
            async def __aexit__(self, *error): ...
            def __aiter__(self): ...
            async def __anext__(self):
                raise StopAsyncIteration
        '''
    assert convert(source) == textwrap.dedent('''\
        class Pages:
            """Iterate: ``for page in client.pages(1)``; await nothing else."""

            def __enter__(self): ...
            def __exit__(self, *error): ...
            def __iter__(self): ...
            def __next__(self):
                raise StopIteration
        ''')


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("import asyncio\n", "x.py:1: `asyncio`"),
        ("\nx: Awaitable[int]\n", "x.py:2: `Awaitable`"),
        ("x: AsyncGenerator[int, None]\n", "x.py:1: `AsyncGenerator`"),
        ("async def f():\n    return f'{await g()}'\n", "x.py:2: await inside an f-string"),
    ],
)
def test_what_has_no_twin_is_refused_with_its_place(source: str, place: str):
    with pytest.raises(make_sync.NoTwinError, match=place.replace("`", "[`]")):
        convert(source)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    source = tmp_path / make_sync.SOURCE
    (source / "deep").mkdir(parents=True)
    (source / "one.py").write_text(
        "from collections.abc import AsyncIterator, Iterator\n\n\n"
        "async def f(x: AsyncIterator[int] | Iterator[int]) -> int:\n"
        "    return await g(x)\n"
    )
    (source / "deep/two.py").write_text("async def f() -> None:\n    pass\n")
    return tmp_path


def test_the_twin_is_written_formatted_with_a_header(project: Path):
    assert make_sync.main([], project) == 0
    assert (project / make_sync.TARGET / "one.py").read_text() == (
        "# Generated from src/aiomilvus/client/aio/one.py by tools/make_sync.py; edit that file.\n"
        "from collections.abc import Iterator\n\n\n"
        "def f(x: Iterator[int]) -> int:\n"
        "    return g(x)\n"
    )
    assert (project / make_sync.TARGET / "deep/two.py").exists()


def test_check_passes_when_fresh_and_shows_the_difference_when_stale(
    project: Path, capsys: pytest.CaptureFixture[str]
):
    make_sync.main([], project)
    assert make_sync.main(["--check"], project) == 0
    (project / make_sync.SOURCE / "deep/two.py").write_text("async def h() -> None:\n    pass\n")
    capsys.readouterr()
    assert make_sync.main(["--check"], project) == 1
    assert "-def f() -> None:\n+def h() -> None:\n" in capsys.readouterr().out
    assert "def f()" in (project / make_sync.TARGET / "deep/two.py").read_text()


def test_a_twin_whose_source_is_gone_is_stale_and_then_removed(project: Path):
    make_sync.main([], project)
    (project / make_sync.SOURCE / "deep/two.py").unlink()
    assert make_sync.main(["--check"], project) == 1
    assert make_sync.main([], project) == 0
    assert not (project / make_sync.TARGET / "deep/two.py").exists()


def test_a_stranger_among_the_twins_is_never_deleted(project: Path):
    make_sync.main([], project)
    stranger = project / make_sync.TARGET / "mine.py"
    stranger.write_text("x = 1\n")
    assert make_sync.main([], project) == 1
    assert stranger.exists()


def test_a_module_written_by_hand_needs_a_twin_written_by_hand(project: Path):
    by_hand = make_sync.BY_HAND + "\nimport asyncio\n"
    (project / make_sync.SOURCE / "loop.py").write_text(by_hand)
    assert make_sync.main([], project) == 1
    twin = project / make_sync.TARGET / "loop.py"
    twin.parent.mkdir(exist_ok=True)
    twin.write_text(make_sync.BY_HAND + "\nimport threading\n")
    assert make_sync.main([], project) == 0
    assert "threading" in twin.read_text()
