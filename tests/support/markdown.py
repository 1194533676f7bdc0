"""Read the code blocks and links of a Markdown page, and run its Python.

A page is run as a reader would: its ```python blocks in order, in one namespace, in an empty
directory; ``await`` may stand at the top level. A ```text block right after a ```python block
is what that block prints; ``...`` in it stands for anything. A block that cannot run here has
a reason on the line above it: ``<!-- not run: needs a server elsewhere -->``. One that needs a
package of somebody else's names it there, ``<!-- run with: chromadb -->``, and is run where that
can be imported.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import importlib.util
import inspect
import io
import re
import sys
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from tools import reference

ROOT = Path(__file__).resolve().parent.parent.parent

_FENCE = re.compile(r"^( *)(`{3,})(\w*)[^\n`]*\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"<!-- not run: (?P<reason>\S.*?) -->\s*\Z")
_RUN_WITH = re.compile(r"<!-- run with: (?P<module>\w+) -->\s*\Z")
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.*?) *#*$", re.MULTILINE)


class Block(NamedTuple):
    """A ```python block: its code, the page's line it starts on, and what it should print."""

    code: str
    line: int
    output: str | None
    not_run: str | None


def pages() -> list[Path]:
    """Return every Markdown page that users read."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(text: str) -> list[Block]:
    """Return the ```python blocks of a page."""
    fences = list(_FENCE.finditer(text))
    found = []
    for fence, following in zip_longest(fences, fences[1:]):
        if fence[3] != "python":
            continue
        before = text[: fence.start()]
        marker = _NOT_RUN.search(before)
        needed = _RUN_WITH.search(before)
        found.append(
            Block(
                code=inspect.cleandoc("\n" + fence[4]) + "\n" if fence[1] else fence[4],
                line=text.count("\n", 0, fence.start(4)) + 1,
                output=_output(text, fence, following),
                not_run=marker["reason"] if marker else _missing(needed),
            )
        )
    return found


def _missing(needed: re.Match[str] | None) -> str | None:
    """Return why a block can't be run, where it needs a package that is not installed."""
    if needed is None or importlib.util.find_spec(needed["module"]) is not None:
        return None
    return f"needs {needed['module']}"


def _output(text: str, fence: re.Match[str], following: re.Match[str] | None) -> str | None:
    if following is None or following[3] != "text":
        return None
    between = text[fence.end() : following.start()]
    return following[4] if not between.strip() else None


def run(page: str, text: str) -> None:
    """Run the blocks of a page in the current directory.

    Raises:
        AssertionError: A block printed something else than the page says.
    """
    namespace: dict[str, object] = {"__name__": "__main__"}
    loop = asyncio.new_event_loop()
    try:
        for block in blocks(text):
            if block.not_run is None:
                printed = _run_block(block, page, namespace, loop)
                _compare(block, page, printed)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _run_block(
    block: Block, page: str, namespace: dict[str, object], loop: asyncio.AbstractEventLoop
) -> str:
    # Empty lines before it make a traceback point at the page's own line.
    source = "\n" * (block.line - 1) + block.code
    code = compile(source, page, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if code.co_flags & inspect.CO_COROUTINE:
            loop.run_until_complete(eval(code, namespace))  # noqa: S307 - our own pages
        else:
            exec(code, namespace)  # noqa: S102 - our own pages
    return printed.getvalue()


def _compare(block: Block, page: str, printed: str) -> None:
    if block.output is None:
        return
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if not doctest.OutputChecker().check_output(block.output, printed, flags):
        message = f"{page}:{block.line}: printed\n{printed}\nbut the page says\n{block.output}"
        raise AssertionError(message)


def broken_links(path: Path, root: Path = ROOT) -> list[str]:
    """Return the relative links of a page that lead to no file or to no heading."""
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    generated = {root / "docs" / name for name in reference.PAGES}
    broken = []
    for link in _LINK.finditer(text):
        target, _, anchor = link["target"].partition("#")
        if ":" in target:
            continue
        file = (path.parent / target).resolve() if target else path
        if file in generated:
            continue  # its headings are the builder's to check
        exists = file.exists() and file.is_relative_to(root)
        if not exists or (anchor and anchor not in _anchors(file)):
            broken.append(link["target"])
    return broken


def _anchors(path: Path) -> set[str]:
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(text)
    }


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[1]).read_text(encoding="utf-8"))
