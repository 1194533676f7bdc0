"""Generate the synchronous twin from the asynchronous source.

    python -m tools.make_sync            write src/aiomilvus/client/sync/
    python -m tools.make_sync --check    exit 1 and print a diff when it is stale

Every ``*.py`` under ``client/aio/`` has a twin of the same name under ``client/sync/``. The
source is changed token by token, so comments and layout survive:

- ``async def``, ``async with``, ``async for`` and ``await`` lose their keyword, and an await
  that needed parentheses loses those too;
- names change by `NAMES`, any other ``AsyncThing`` becomes ``Thing``, and the package
  ``client.aio`` becomes ``client.sync``;
- in strings and comments the same names change, and example code loses its keywords.

What has no mechanical twin (asyncio itself, Awaitable, an await inside an f-string) is
refused with its place. Code of that kind belongs into a module that is written by hand on
both sides; it says so with `BY_HAND` as its first line, and is then left alone.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import io
import keyword
import re
import subprocess
import sys
import tokenize
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "src/aiomilvus/client/aio"
TARGET = "src/aiomilvus/client/sync"

BY_HAND = "# make_sync: by hand"
HEADER = "# Generated from {} by tools/make_sync.py; edit that file.\n"
HEADER_START = HEADER.split("{", maxsplit=1)[0]

NAMES = {
    "AbstractAsyncContextManager": "AbstractContextManager",
    "AsyncBackend": "SyncBackend",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "aclose": "close",
    "aiter": "iter",
    "anext": "next",
    "asynccontextmanager": "contextmanager",
    "enter_async_context": "enter_context",
    "push_async_callback": "callback",
    "push_async_exit": "push",
}
WORDS = {
    "Asynchronous": "Synchronous",
    "Asynchronously": "Synchronously",
    "asynchronous": "synchronous",
    "asynchronously": "synchronously",
}
NO_TWIN = frozenset(
    {"AsyncGenerator", "Awaitable", "Coroutine", "Future", "anyio", "asyncio", "iscoroutine"}
)

_ASYNC_NAME = re.compile(r"\bAsync(?=[A-Z])")
_WORD = re.compile(r"\w+")
_KEYWORD_IN_TEXT = re.compile(r"\basync (?=def\b|with\b|for\b)|\bawait (?=[\w.]+[(\[])")
_PACKAGE_IN_TEXT = re.compile(r"\bclient([./])aio\b")
_TEXT_TOKENS = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1)}
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
# After one of these words a parenthesis opens an expression; after any other name, a call.
_BEFORE_EXPRESSION = frozenset(keyword.kwlist) - {"False", "None", "True"}


class NoTwinError(Exception):
    """The source holds something that has no synchronous counterpart."""


class Edit(NamedTuple):
    """Replace the characters from `start` up to `end`, offsets into the source."""

    start: int
    end: int
    text: str


def rename(name: str) -> str:
    """Return the synchronous name that stands for an asynchronous one, or the name itself."""
    return NAMES.get(name) or _ASYNC_NAME.sub("", name)


def rewrite_text(text: str) -> str:
    """Return a string literal or a comment as the synchronous twin has it."""
    text = _KEYWORD_IN_TEXT.sub("", text)
    text = _PACKAGE_IN_TEXT.sub(r"client\1sync", text)
    return _WORD.sub(lambda match: WORDS.get(match[0]) or rename(match[0]), text)


def convert(source: str, path: str) -> str:
    """Return the synchronous twin of one module's source, not yet formatted.

    Args:
        source: Python source.
        path: What to call it in an error.

    Raises:
        NoTwinError: Something in it has no synchronous counterpart.
    """
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    _refuse_what_has_no_twin(source, tokens, path)
    line_starts = [0, *accumulate(map(len, source.splitlines(keepends=True)))]

    def edit(first: tokenize.TokenInfo, end: tuple[int, int], text: str) -> Edit:
        (row, column), (end_row, end_column) = first.start, end
        return Edit(line_starts[row - 1] + column, line_starts[end_row - 1] + end_column, text)

    edits = []
    for index, token in enumerate(tokens):
        if token.type == tokenize.NAME and token.string in {"async", "await"}:
            edits.append(edit(token, tokens[index + 1].start, ""))
            continue
        text = _twin_of_token(tokens, index)
        if text != token.string:
            edits.append(edit(token, token.end, text))
    for pair in _needless_parentheses(tokens):
        edits.extend(edit(token, token.end, "") for token in pair)
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source


def _twin_of_token(tokens: list[tokenize.TokenInfo], index: int) -> str:
    token = tokens[index]
    if token.type in _TEXT_TOKENS:
        return rewrite_text(token.string)
    if token.type != tokenize.NAME:
        return token.string
    before = [previous.string for previous in tokens[max(index - 2, 0) : index]]
    if token.string == "aio" and before == ["client", "."]:
        return "sync"
    return rename(token.string)


def _needless_parentheses(
    tokens: list[tokenize.TokenInfo],
) -> list[tuple[tokenize.TokenInfo, tokenize.TokenInfo]]:
    """Find those that only kept an await together, as in ``(await x.f()).y``."""
    pairs = []
    for index in range(1, len(tokens) - 1):
        if tokens[index].string != "(" or tokens[index + 1].string != "await":
            continue
        closing = _end_of_primary(tokens, index + 2)
        one_line = tokens[index].start[0] == closing.end[0]
        if closing.string == ")" and one_line and not _makes_a_call(tokens[index - 1]):
            pairs.append((tokens[index], closing))
    return pairs


def _end_of_primary(tokens: list[tokenize.TokenInfo], index: int) -> tokenize.TokenInfo:
    """Return the first token at or after `index` that does not continue a name with trailers."""
    depth = 0
    while True:
        token = tokens[index]
        if token.string in _OPENING:
            depth += 1
        elif depth and token.string in _CLOSING:
            depth -= 1
        elif not depth and not _continues_a_primary(token):
            return token
        index += 1


def _continues_a_primary(token: tokenize.TokenInfo) -> bool:
    if token.type == tokenize.NAME:
        return token.string not in _BEFORE_EXPRESSION
    return token.string == "."


def _makes_a_call(token: tokenize.TokenInfo) -> bool:
    """Whether a parenthesis right after this token holds arguments."""
    if token.type == tokenize.NAME:
        return token.string not in _BEFORE_EXPRESSION
    return token.string in _CLOSING


def _refuse_what_has_no_twin(source: str, tokens: list[tokenize.TokenInfo], path: str) -> None:
    for token in tokens:
        if token.type == tokenize.NAME and token.string in NO_TWIN:
            message = (
                f"{path}:{token.start[0]}: `{token.string}` has no synchronous twin: move it into "
                f"a module whose first line is `{BY_HAND}`"
            )
            raise NoTwinError(message)
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.JoinedStr) and any(
            isinstance(inner, ast.Await) for inner in ast.walk(node)
        ):
            message = f"{path}:{node.lineno}: await inside an f-string: assign it to a name first"
            raise NoTwinError(message)


def tidy(source: str, path: Path) -> str:
    """Apply the project's safe fixes and formatting: renaming disturbs order and line breaks."""
    for command in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        source = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(path), "-"],
            input=source,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return source


def plan(root: Path) -> dict[Path, str | None]:
    """Return what each file of the target folder should hold; None where it should not exist."""
    source_folder, target_folder = root / SOURCE, root / TARGET
    wanted: dict[Path, str | None] = {}
    for source_path in sorted(source_folder.rglob("*.py")):
        relative = source_path.relative_to(source_folder)
        target_path = target_folder / relative
        text = source_path.read_text(encoding="utf-8")
        if text.startswith(BY_HAND):
            wanted[target_path] = _written_by_hand(target_path)
        else:
            name = source_path.relative_to(root).as_posix()
            twin = HEADER.format(name) + convert(text, name)
            wanted[target_path] = tidy(twin, target_path)
    for target_path in sorted(target_folder.rglob("*.py")):
        wanted.setdefault(target_path, None)
    return wanted


def _written_by_hand(path: Path) -> str:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not text.startswith(BY_HAND):
        message = f"{path}: must be written by hand, with `{BY_HAND}` as its first line"
        raise NoTwinError(message)
    return text


def _difference(path: Path, wanted: str | None) -> str:
    present = path.read_text(encoding="utf-8") if path.exists() else ""
    return "".join(
        difflib.unified_diff(
            present.splitlines(keepends=True),
            (wanted or "").splitlines(keepends=True),
            f"{path} (as it is)",
            f"{path} (as generated)",
        )
    )


def _write(path: Path, wanted: str | None) -> None:
    if wanted is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted, encoding="utf-8")
    elif path.read_text(encoding="utf-8").startswith(HEADER_START):
        path.unlink()
    else:
        message = f"{path}: has no source in {SOURCE}, and was not generated: move it elsewhere"
        raise NoTwinError(message)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(description="Generate the synchronous twin of client/aio/.")
    parser.add_argument("--check", action="store_true", help="change nothing, print a diff")
    check = parser.parse_args(arguments).check
    try:
        wanted = plan(root)
        stale = {path: text for path, text in wanted.items() if _is_stale(path, text)}
        for path, text in stale.items():
            if check:
                sys.stdout.write(_difference(path, text))
            else:
                _write(path, text)
    except NoTwinError as error:
        print(error, file=sys.stderr)
        return 1
    if check and stale:
        print(f"{len(stale)} stale: run `python -m tools.make_sync`", file=sys.stderr)
        return 1
    print(f"{len(wanted)} files in {TARGET}, {len(stale)} of them new")
    return 0


def _is_stale(path: Path, wanted: str | None) -> bool:
    if wanted is None:
        return True
    return not path.exists() or path.read_text(encoding="utf-8") != wanted


if __name__ == "__main__":
    sys.exit(main())
