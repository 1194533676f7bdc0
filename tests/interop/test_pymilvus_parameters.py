"""Every parameter that pymilvus' clients name or read, by pymilvus' own signatures and source.

Each is taken by our client's method, by what one builds, or is listed in `docs/compatibility.md`
with the reason why not.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pymilvus

import aiomilvus
from aiomilvus.client import options

PAIRS = (
    (pymilvus.MilvusClient, aiomilvus.MilvusClient),
    (pymilvus.AsyncMilvusClient, aiomilvus.AsyncMilvusClient),
)
_ROOT = Path(pymilvus.__file__).parent
SOURCES = (
    *_ROOT.glob("milvus_client/*.py"),
    *(_ROOT / "client").glob("*grpc_handler.py"),
    *(_ROOT / "client" / name for name in ("prepare.py", "utils.py", "types.py")),
    *(_ROOT / "orm" / name for name in ("schema.py", "iterator.py")),
    _ROOT / "decorators.py",
)
PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"
HEADING = "## Keywords of pymilvus that are not taken"
AMONG_SEARCH_PARAMS = {"analyzer_name"}
"""What pymilvus reads among `search_params`: test_named_parameters.py asks for each."""


def reasons() -> dict[str, str]:
    """Return what pymilvus reads and no method of ours takes, with the page's reason."""
    section = PAGE.read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", section, re.MULTILINE))


def taken_by(method: Any) -> set[str]:
    """Return the names that one of our methods takes, those of its `**kwargs` included."""
    signature = inspect.signature(method)
    names = set(signature.parameters)
    for each in signature.parameters.values():
        if each.kind is inspect.Parameter.VAR_KEYWORD:
            text = str(each.annotation)
            known = getattr(options, text.partition("[")[2].rstrip("]"), None)
            assert known or text == "Any", f"{method.__qualname__} takes {text}"
            if known:  # else it builds something, whose own keywords these are
                names |= known.__optional_keys__ | known.__required_keys__
    return names


def named() -> list[tuple[str, set[str], set[str]]]:
    """Return of each method what pymilvus' names, and what ours takes."""
    found = []
    for theirs, ours in PAIRS:
        for name, method in inspect.getmembers(theirs, callable):
            if not name.startswith("_"):
                given = inspect.signature(method).parameters
                kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
                wanted = {key for key, each in given.items() if each.kind not in kinds}
                own = getattr(ours, name)
                found.append((f"{ours.__name__}.{name}", wanted - {"self"}, taken_by(own)))
    return found


def keywords_read() -> set[str]:
    """Return the names that pymilvus looks up among the keywords it is given."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = _looked_up(node)
            if name is not None:
                found.add(name)
    return found


def _looked_up(node: ast.AST) -> str | None:
    asked: ast.expr | None = None
    where: ast.expr | None = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr in ("get", "pop", "setdefault"):
            asked, where = node.args[0], node.func.value
    elif isinstance(node, ast.Subscript):
        asked, where = node.slice, node.value
    elif isinstance(node, ast.Compare):
        asked, where = node.left, node.comparators[0]
    is_keywords = isinstance(where, ast.Name) and where.id == "kwargs"
    if is_keywords and isinstance(asked, ast.Constant) and isinstance(asked.value, str):
        return asked.value
    return None


def test_what_a_method_of_pymilvus_names_ours_takes() -> None:
    methods = named()
    assert len(methods) > 200
    for name, wanted, taken in methods:
        assert wanted <= taken, f"{name} does not take {sorted(wanted - taken)}"


def test_what_pymilvus_reads_is_taken_or_has_a_reason() -> None:
    read = keywords_read()
    assert len(read) > 50, "pymilvus' source is not what it was"
    taken = set().union(*(taken for _, _, taken in named()))
    for build in (aiomilvus.FieldSchema, aiomilvus.MilvusClient):
        taken |= taken_by(build.__init__)
    told = reasons()
    missing = read - taken - told.keys() - AMONG_SEARCH_PARAMS
    assert not missing, f"pymilvus reads {sorted(missing)}"
    assert told.keys() <= read - taken, f"needless reasons: {sorted(told.keys() - (read - taken))}"
