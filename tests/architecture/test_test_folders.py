"""The tests' own layout: unit tests mirror the package, behaviour tests use public names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tools import project

if TYPE_CHECKING:
    from pathlib import Path

TESTS = project.ROOT / "tests"
PACKAGE = project.ROOT / "src" / "aiomilvus"
UNIT = sorted((TESTS / "unit").rglob("test_*.py"))
BEHAVIOUR = sorted((TESTS / "behaviour").rglob("*.py"))


def modules_imported(path: Path) -> set[str]:
    """Return the modules of the package that a file imports from."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] == "aiomilvus"}


PUBLIC = {
    "aiomilvus",
    "aiomilvus.errors",
    "aiomilvus.expr.builder",
    "aiomilvus.function_chain",
    "aiomilvus.server",
}

# Behaviour tests that look inside -> what they can't bring about from outside.
LOOKS_INSIDE = {
    "test_bulk_writes.py": "holds up and fails builds of indexes; makes all searches exact",
    "test_door.py": "fills the search pool; holds up the engine",
    "test_equal_scores.py": "counts the rounds that settle ties",
    "test_explain.py": "opens the engine with room for a growing graph",
    "test_external_collections.py": "lets a refresh fail within",
    "test_forks.py": "opens the engine in a process that forks",
    "test_growing.py": "holds up and fails builds of indexes",
    "test_requests.py": "walks every path of the REST API",
}


@pytest.mark.parametrize("path", UNIT, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_a_unit_test_lies_where_what_it_tests_lies(path: Path) -> None:
    folder = PACKAGE / path.parent.relative_to(TESTS / "unit")
    assert folder.is_dir(), "the package has no such folder"
    name = path.stem.removeprefix("test_")
    homes = [found.parent for found in PACKAGE.rglob(f"{name}.py")]
    inside = any(folder in (home, *home.parents) for home in homes) or (folder / name).is_dir()
    assert inside or not homes, f"{name} lies in {homes}"


def test_behaviour_tests_use_public_names() -> None:
    inside = {path.name for path in BEHAVIOUR if modules_imported(path) - PUBLIC}
    assert inside == LOOKS_INSIDE.keys()
