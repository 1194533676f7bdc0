"""A collection's state is changed by its own methods, which check that they are in the turn."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGINE = Path(__file__).parents[2] / "src" / "aiomilvus" / "engine"
CONTAINERS = {"sealed", "frozen", "growing", "specs", "failed", "delayed"}
CHANGING = {
    "append",
    "clear",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "setdefault",
    "update",
}


def _attribute(node: ast.expr) -> str:
    """Return X of ``collection.X`` or ``collection.X[…]``, "" for all else."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.value.id == "collection" else ""
    return ""


def changes(source: str) -> Iterator[str]:
    """Yield the places that change a collection from outside."""
    for node in ast.walk(ast.parse(source)):
        targets: list[ast.expr] = []
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Assign | ast.Delete):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            if _attribute(target):
                yield f"line {line}: collection.{_attribute(target)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changed = _attribute(node.func.value)
            if changed in CONTAINERS and node.func.attr in CHANGING:
                yield f"line {line}: collection.{changed}.{node.func.attr}"


def test_nobody_changes_a_collection_from_outside():
    found = [
        f"{path.relative_to(ENGINE).as_posix()}, {each}"
        for path in sorted(ENGINE.rglob("*.py"))
        for each in changes(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_each_way_to_change_one_is_seen():
    for source in (
        "collection.record = 1",
        "collection.frozen += [1]",
        "collection.sealed[1] = 2",
        "del collection.sealed[1]",
        "collection.growing.pop(1)",
    ):
        assert list(changes(source)), source
    assert list(changes("collection.masks.set(1, 2)")) == []
