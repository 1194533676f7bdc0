"""Refuse files and functions under src/ that have grown too long to read in one go.

    python -m tools.check_sizes

The limits stand in pyproject.toml, ``[tool.aiomilvus.sizes]``. A file counts all its lines; a
function counts from ``def`` to its end, without its docstring. What has a reason to be longer
is listed there with it, and a listing that is no longer needed is an error too.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, NamedTuple

from tools import project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Part(NamedTuple):
    """A file or a function: its key in the list of allowances, its length, its limit."""

    key: str
    place: str
    lines: int
    limit: int


def parts(root: Path, max_file_lines: int, max_function_lines: int) -> Iterator[Part]:
    """Measure every file and function under src/."""
    for path in sorted((root / "src").rglob("*.py")):
        name = path.relative_to(root).as_posix()
        source = path.read_text(encoding="utf-8")
        yield Part(name, name, source.count("\n"), max_file_lines)
        for qualified, node in _functions(ast.parse(source, name)):
            place = f"{name}:{node.lineno} {qualified}"
            yield Part(f"{name}::{qualified}", place, _length(node), max_function_lines)


def _functions(
    parent: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(parent):
        name = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}.{node.name}" if prefix else node.name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield name, node
        yield from _functions(node, name)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = _span(node)
    if ast.get_docstring(node, clean=False) is not None:
        lines -= _span(node.body[0])
    return lines


def _span(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def complaints(root: Path = project.ROOT) -> list[str]:
    """Return one line for each part that is too long, and for each needless allowance."""
    sizes = project.settings(root)["tool"]["aiomilvus"]["sizes"]
    allowed: dict[str, str] = sizes["allow"]
    too_long = [
        part
        for part in parts(root, sizes["max_file_lines"], sizes["max_function_lines"])
        if part.lines > part.limit
    ]
    needless = allowed.keys() - {part.key for part in too_long}
    return [
        *(
            f"{part.place}: {part.lines} lines, at most {part.limit}"
            for part in too_long
            if part.key not in allowed
        ),
        *(f"pyproject.toml: the allowance for {key} is not needed" for key in sorted(needless)),
        *(
            f"pyproject.toml: the allowance for {key} has no reason"
            for key in allowed
            if not allowed[key].strip()
        ),
    ]


def main() -> int:
    """Print the complaints; return the exit status."""
    found = complaints()
    print("\n".join(found) or "sizes: every file and function is within its limit")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
