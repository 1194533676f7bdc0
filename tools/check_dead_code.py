"""Refuse code under src/ that nothing under src/ reaches, and that is not public.

    python -m tools.check_dead_code

vulture finds the names, but passes over private variables of modules, which are looked for here:
they are read in their own module or nowhere. Tests don't count as users. Left out is what others
reach: members of the public classes and of the modules users import from, enumerations, keywords
of ``**kwargs`` and special methods. What is reached in another way stands in pyproject.toml, under
``[tool.aiomilvus.dead_code.allow]``, with the reason; an entry that is no longer needed is an
error too.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vulture import Vulture

import aiomilvus
from tools import project, public_signatures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SPECIAL = re.compile(r"__\w+__|_repr_\w+_")
_PRIVATE = re.compile(r"_[^_]\w*")

# A base class that makes a class body a list of names for others to use.
_LISTS = re.compile(r"\b(?:\w*Enum|TypedDict|\w*Options|Protocol)\b")


class Unused(NamedTuple):
    """A name that nothing reaches."""

    path: str
    line: int
    name: str
    kind: str

    @property
    def key(self) -> str:
        """How an allowance names it."""
        return f"{self.path}::{self.name}"


def unused(root: Path, public: set[str]) -> list[Unused]:
    """Return the names defined under src/ that nothing under src/ uses.

    Args:
        root: The folder that has src/.
        public: Names that users of the package reach.
    """
    finder = Vulture()
    finder.scavenge([str(root / "src")])
    found = []
    for item in finder.get_unused_code(min_confidence=60):
        path = Path(item.filename).resolve().relative_to(root.resolve()).as_posix()
        each = Unused(path, item.first_lineno, item.name, item.typ)
        if "/client/sync/" in path or item.name in public or _SPECIAL.fullmatch(item.name):
            continue
        if not _others_use_it(root / path, each):
            found.append(each)
    for file in (root / "src").rglob("*.py"):
        found += unread(file, file.relative_to(root).as_posix())
    return sorted(found)


def unread(path: Path, name: str) -> list[Unused]:
    """Return the private variables of a module that nothing in it reads; `name` is its path."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = [each for each in ast.walk(tree) if isinstance(each, ast.Name)]
    read = {each.id for each in words if not isinstance(each.ctx, ast.Store)}
    return [
        Unused(name, each.lineno, each.id, "private variable")
        for each in _variables(tree.body)
        if _PRIVATE.fullmatch(each.id) and each.id not in read
    ]


def _variables(body: Iterable[ast.stmt]) -> Iterator[ast.Name]:
    """Yield the names that a module assigns to, in its own body and in branches of that."""
    for statement in body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
            targets = [statement.target]
        elif isinstance(statement, (ast.If, ast.Try)):
            yield from _variables((*statement.body, *statement.orelse))
        for target in targets:
            yield from (each for each in ast.walk(target) if isinstance(each, ast.Name))


def _others_use_it(path: Path, each: Unused) -> bool:
    """Whether a name is an argument or a field that code outside of ours reads."""
    line = path.read_text(encoding="utf-8").splitlines()[each.line - 1]
    if each.kind == "attribute":
        # What is set on an object of a library is read there.
        return f"self.{each.name}" not in line
    if each.kind != "variable":
        return False
    inside = [
        node
        for node in _classes(path)
        if node.lineno <= each.line <= (node.end_lineno or node.lineno)
    ]
    is_argument = not line.startswith((each.name, f"    {each.name}"))
    return is_argument or any(
        _LISTS.search(ast.unparse(base)) for node in inside for base in node.bases
    )


@cache
def _classes(path: Path) -> list[ast.ClassDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def public_names() -> set[str]:
    """Return the public names, and those of the public classes' members."""
    words = re.findall(r"\w+", public_signatures.page())
    return {*aiomilvus.__all__, *words}


def complaints(root: Path, public: set[str]) -> list[str]:
    """Return one line for each name that nothing reaches, and for each needless allowance."""
    allowed: dict[str, str] = project.settings(root)["tool"]["aiomilvus"]["dead_code"]["allow"]
    found = unused(root, public)
    needless = allowed.keys() - {each.key for each in found}
    return [
        *(
            f"{each.path}:{each.line}: nothing uses the {each.kind} {each.name}"
            for each in found
            if each.key not in allowed
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
    found = complaints(project.ROOT, public_names())
    print("\n".join(found) or "dead code: none")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
