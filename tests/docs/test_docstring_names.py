"""What docstrings, CONTRIBUTING.md and the page on the architecture name is there."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tools import project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = project.ROOT / "src" / "aiomilvus"
ROOMS = sorted({path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py")})
DOTTED = re.compile(r"(?<!`)`([a-z_]\w*(?:\.\w+)+)`(?!`)")
WORD = re.compile(r"(?<!`)`([a-z]\w*)`(?!`)")
LIBRARIES = {*sys.stdlib_module_names, "msgspec", "hnsw", "milvus"}
"""First parts of names that are not ours: a part of faiss' graphs, and Milvus' messages."""


QUOTED = re.compile(r'"""(.*?)"""', re.DOTALL)
"""Docstrings: nothing else is quoted so. Parsing the whole package takes seconds."""


@cache
def text_of(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def names_in(path: Path) -> frozenset[str]:
    """Return all words of a module but those of its docstrings and comments."""
    code = re.sub(r"#.*", "", QUOTED.sub("", text_of(path)))
    return frozenset(re.findall(r"\w+", code))


@cache
def defined_in(folder: Path) -> frozenset[str]:
    """Return the functions and classes of a folder's modules."""
    return frozenset(
        name
        for path in folder.glob("*.py")
        for name in re.findall(r"\b(?:def|class) (\w+)", text_of(path))
    )


def scopes(path: Path) -> Iterator[Path]:
    """Yield the folders that names in a module are looked up in: its own, then those above."""
    folder = path.parent
    while folder != PACKAGE.parent:
        yield folder
        folder = folder.parent


def leads_somewhere(folder: Path, parts: list[str]) -> bool | None:
    """Return whether a dotted name is there, seen from a folder; None if it can't begin there."""
    for at, part in enumerate(parts):
        if (folder / part).is_dir():
            folder /= part
            continue
        module = folder / f"{part}.py"
        if module.exists():
            known = names_in(module)
            return "__getattr__" in known or all(name in known for name in parts[at + 1 :])
        package = folder / "__init__.py"
        return None if not at else package.exists() and part in names_in(package)
    return True


def is_known(path: Path, name: str) -> bool:
    parts = name.split(".")
    if parts[0] in LIBRARIES or all(part in names_in(path) for part in parts):
        return True
    if parts[0] == "aiomilvus":
        return bool(leads_somewhere(PACKAGE, parts[1:])) or parts[1] in project_exports()
    return any(leads_somewhere(folder, parts) for folder in scopes(path))


@cache
def project_exports() -> frozenset[str]:
    import aiomilvus

    return frozenset(aiomilvus.__all__)


def unknown(path: Path) -> list[str]:
    """Return the names in a module's docstrings that nothing has."""
    dotted = DOTTED.findall("\n".join(QUOTED.findall(text_of(path))))
    # A single word in the docstring of a module is another module, or something of its own.
    about = QUOTED.match(text_of(path))
    words = WORD.findall(about[1]) if about is not None else []
    return [
        *(name for name in dotted if not is_known(path, name)),
        *(word for word in words if not is_near(path, word)),
    ]


def is_near(path: Path, word: str) -> bool:
    return (
        word in names_in(path)
        or word in defined_in(path.parent)
        or word in defined_in(PACKAGE / "client/aio")
        or any((at / word).is_dir() or (at / f"{word}.py").exists() for at in scopes(path))
    )


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_docstring_names_is_there(room: str) -> None:
    home = PACKAGE / room
    paths = [home] if home.is_file() else sorted(home.rglob("*.py"))
    assert paths
    found = {path.relative_to(PACKAGE).as_posix(): unknown(path) for path in paths}
    assert {name: names for name, names in found.items() if names} == {}


def test_a_name_that_is_gone_is_found() -> None:
    path = PACKAGE / "expr/diagnostics.py"
    assert is_known(path, "bind.binder.bind")
    assert not is_known(path, "bind.bind")
    assert is_known(path, "engine.opening")
    assert not is_known(path, "engine.nowhere")


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_each_python_file_that_a_page_names_is_there(page: str) -> None:
    text = (project.ROOT / page).read_text("utf-8")
    files = [
        path.relative_to(project.ROOT).as_posix()
        for folder in ("src", "tests", "tools")
        for path in (project.ROOT / folder).rglob("*.py")
    ]
    named = set(re.findall(r"`((?:\w+/)*\w+\.py)`", text))
    assert named
    assert (
        sorted(name for name in named if not any(f"/{each}".endswith(f"/{name}") for each in files))
        == []
    )
