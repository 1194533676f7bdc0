"""Hold the arguments that docstrings describe to those that signatures have.

    python -m tools.check_docstrings

Where a docstring has a section ``Args``, it names the parameters of the function, or of the
class' constructor or fields, each of them and nothing else. (`self`, `cls`
and names that start with an underscore need none; what ``**kwargs`` takes may be listed under
its keywords, after the others.) ruff sees parameters that are missing from a function's section;
this sees those that are gone, or a class'.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from tools import project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef

_SECTION = re.compile(r"^Args:\n(?P<body>(?:[ ]{4}.*\n|\s*\n)*)", re.MULTILINE)
_ENTRY = re.compile(r"^[ ]{4}(?P<names>\*{0,2}`?\w[\w`, *]*?):(?:\s|$)", re.MULTILINE)


def described(docstring: str) -> list[str] | None:
    """Return the names under ``Args`` in their order; None without such a section."""
    section = _SECTION.search(docstring + "\n")
    if section is None:
        return None
    return [
        name.strip(" `*")
        for entry in _ENTRY.finditer(section["body"])
        for name in entry["names"].split(",")
    ]


def parameters(function: Function) -> list[str]:
    """Return the parameters that a docstring has to name, in their order."""
    given = function.args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    names = [each.arg for each in every if each is not None]
    return [name for name in names if name not in {"self", "cls"} and not name.startswith("_")]


def fields(cls: ast.ClassDef) -> list[str]:
    """Return what the class is made of: its constructor's parameters, or its fields."""
    for node in cls.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return parameters(node)
    return [
        node.target.id
        for node in cls.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and not node.target.id.startswith("_")
        and "ClassVar" not in ast.unparse(node.annotation)
    ]


def disagreement(named: list[str], wanted: list[str], *, takes_keywords: bool) -> str | None:
    """Return what is wrong with the names under ``Args``, None if nothing is."""
    gone = [name for name in named if name not in wanted]
    missing = [name for name in wanted if name not in named]
    if gone and not takes_keywords:
        return f"describes {', '.join(gone)}, which it does not take"
    if missing and not (gone and missing == [wanted[-1]]):
        return f"does not describe {', '.join(missing)}"
    return None


def complaints(root: Path = project.ROOT) -> list[str]:
    """Return one line for each docstring under src/ whose arguments are not the signature's."""
    return [
        f"{path.relative_to(root).as_posix()}:{line} {name} {wrong}"
        for path in sorted((root / "src").rglob("*.py"))
        if "/client/sync/" not in path.as_posix()
        for line, name, wrong in _wrong(ast.parse(path.read_text(encoding="utf-8")))
    ]


def _wrong(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        named = described(ast.get_docstring(node) or "")
        if named is None:
            continue
        is_class = isinstance(node, ast.ClassDef)
        wanted = fields(node) if isinstance(node, ast.ClassDef) else parameters(node)
        # A class without either inherits its constructor, and describes that.
        if is_class and not wanted:
            continue
        wrong = disagreement(named, wanted, takes_keywords=_takes_keywords(node))
        if wrong is not None:
            yield node.lineno, node.name, wrong


def _takes_keywords(node: Function | ast.ClassDef) -> bool:
    if isinstance(node, ast.ClassDef):
        return any(
            isinstance(each, ast.FunctionDef) and each.name == "__init__" and each.args.kwarg
            for each in node.body
        )
    return node.args.kwarg is not None


def main() -> int:
    """Print the complaints; return the exit status."""
    found = complaints()
    print("\n".join(found) or "docstrings: arguments agree with signatures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
