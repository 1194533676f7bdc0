"""The package's public names: three lists that agree, resolved lazily, cheap to import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import aiomilvus

SOURCE = Path(aiomilvus.__file__)
LEFT_OUT = Path(__file__).parents[2] / "docs/names.md"
THERE = {"client", "function_chain"}
"""Modules of pymilvus whose names aiomilvus has for modules of its own."""
INNER = set(
    "DefaultConfig ExceptionsMessage PyMilvusDeprecationWarning decorators settings".split()
)
INNER.add("extend_path")
"""What nobody has a use for."""
HEAVY = {"faiss", "grpc", "numba", "numpy", "pandas", "pyarrow", "scipy", "shapely", "tantivy"}

# What a user, or another module of ours, may import without paying for an engine or a wire.
CHEAP = [
    "import aiomilvus",
    "import aiomilvus.errors",
    "import aiomilvus.model.types, aiomilvus.model.schema, aiomilvus.model.operations",
    f"from aiomilvus import {', '.join(sorted(aiomilvus._EXPORTS))}",
]


def names_for_type_checkers() -> dict[str, str]:
    """Return what the TYPE_CHECKING block imports: name -> module."""
    found = {}
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module != "importlib":
            assert node.level == 0, "public names are imported by their full path"
            found.update({alias.asname or alias.name: node.module for alias in node.names})
    for other in ("TYPE_CHECKING", "__version__", "OlderNames"):
        found.pop(other, None)
    return found


def test_the_lists_of_public_names_agree() -> None:
    assert set(aiomilvus.__all__) == {"__version__", *aiomilvus._EXPORTS}
    assert names_for_type_checkers() == aiomilvus._EXPORTS


def test_the_public_names_are_in_order_and_unrepeated() -> None:
    assert list(aiomilvus.__all__) == sorted(set(aiomilvus.__all__))


def test_every_public_name_resolves_to_what_its_module_defines() -> None:
    for name, module in aiomilvus._EXPORTS.items():
        value = getattr(aiomilvus, name)
        assert value is getattr(sys.modules[module], name)


def test_an_unknown_name_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="'aiomilvus' has no attribute 'AsyncMilvus'"):
        _ = aiomilvus.AsyncMilvus  # type: ignore[attr-defined] # that is the point


@pytest.mark.parametrize(
    "row", [line for line in LEFT_OUT.read_text("utf-8").splitlines() if line.startswith("| `")]
)
def test_the_import_of_a_name_that_is_left_out_says_what_to_use(row: str) -> None:
    names = set(re.findall(r"`(\w+)`", row.split("|")[1]))
    for name in sorted(names - THERE - INNER):
        with pytest.raises(ImportError, match=rf"^aiomilvus has no '{name}': .* Use "):
            __import__("aiomilvus", fromlist=[name])
        assert not hasattr(aiomilvus, name)


def test_dir_shows_the_public_names() -> None:
    assert set(aiomilvus.__all__) <= set(dir(aiomilvus))


def test_the_names_of_pymilvus_that_are_left_out_are_listed_with_the_reason() -> None:
    pymilvus = pytest.importorskip("pymilvus", reason="pymilvus is not installed")
    if pymilvus.__version__ != "3.0.2":
        pytest.skip("the list is about 3.0.2")
    table = [line.split("|") for line in LEFT_OUT.read_text("utf-8").splitlines() if "|" in line]
    listed = [name for row in table for name in re.findall(r"`(\w+)`", row[1])]
    assert len(listed) == len(set(listed))
    # Modules that somebody imported are in sight too: those of its own list have to be told.
    theirs = {name for name in dir(pymilvus) if not name.startswith("_")}
    modules = {name for name in theirs if isinstance(getattr(pymilvus, name), ModuleType)}
    wanted = (theirs - modules | set(pymilvus.__all__)) - set(aiomilvus.__all__)
    assert wanted <= set(listed) <= theirs - set(aiomilvus.__all__)
    assert all(row[2].strip() for row in table)


@pytest.mark.parametrize("statement", CHEAP)
def test_an_import_that_should_be_cheap_loads_nothing_heavy(statement: str) -> None:
    probe = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout.split()
    assert HEAVY & set(loaded) == set()
    assert "aiomilvus" in loaded
