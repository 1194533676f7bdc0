"""Write docs/methods.md: every method of the clients, and which door serves it.

    python -m tools.method_table            write the page
    python -m tools.method_table --check    exit 1 when it is stale

A method is served when its code does not end in `_unsupported`, and every operation that it
builds has a handler in the engine, or a route to a server.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

from aiomilvus import AsyncMilvusClient
from aiomilvus.engine.operations.handlers import HANDLERS
from aiomilvus.model.operations.base import Operation
from aiomilvus.model.operations.data import Explain
from aiomilvus.wire.table.lookup import ROUTED

_TOOLS = {"_execute", "_limited", "_needs_directory", "_needs_server", "_unsupported"}
PAGE = Path(__file__).resolve().parent.parent / "docs" / "methods.md"
INTRODUCTION = """\
# Methods

Both clients have all public methods of pymilvus' `MilvusClient` and `AsyncMilvusClient`, with
its parameter names, order and defaults, and beside them `explain`, `watch`, `export_collection`
and `import_collection`. This table says which of them
the embedded engine serves, and which a client of a server sends; the others raise an error with
Milvus' code 10 that names the method.

Written by `python -m tools.method_table` from the code; a test holds it to it.

| method | embedded | on a server | what it does |
|---|---|---|---|
"""


def methods() -> dict[str, Any]:
    """Return the public methods by name."""
    found = inspect.getmembers(AsyncMilvusClient, callable)
    return {name: method for name, method in found if not name.startswith("_")}


def is_served(method: Any, *, remotely: bool = False) -> bool:
    """Tell whether the embedded engine, or a remote client, carries a method out."""
    for part in _parts(method):
        source = textwrap.dedent(inspect.getsource(part))
        if re.search(r"^    self\._unsupported\(", source, re.MULTILINE):
            return False
        needed = "self._needs_directory(" if remotely else "self._needs_server("
        if needed in source:
            return False
        if not all(_has_way(operation, remotely) for operation in _operations(part, source)):
            return False
    return True


def _parts(method: Any) -> list[Any]:
    """Return a method and the private ones that it consists of."""
    called = re.findall(r"self\.(_[a-z_]+)\(", inspect.getsource(method))
    parts = [getattr(AsyncMilvusClient, name, None) for name in called if name not in _TOOLS]
    return [method, *filter(inspect.isfunction, parts)]


def _operations(method: Any, source: str) -> list[type[Operation[Any]]]:
    """Return the operations that a method builds."""
    module = inspect.getmodule(method)
    built = [getattr(module, name, None) for name in set(re.findall(r"\b([A-Z]\w+)\(", source))]
    return [each for each in built if inspect.isclass(each) and issubclass(each, Operation)]


def _has_way(operation: type[Operation[Any]], remotely: bool) -> bool:
    # An `Explain` crosses the wire within the RPC of what it explains.
    return operation in ({*ROUTED, Explain} if remotely else HANDLERS)


def page() -> str:
    """Return the page as it should be."""
    lines = []
    for name, method in methods().items():
        embedded = "yes" if is_served(method) else "no"
        remote = "yes" if is_served(method, remotely=True) else "no"
        summary = (inspect.getdoc(method) or "").partition("\n")[0]
        summary = summary.replace(": not supported yet", "")
        lines.append(f"| `{name}` | {embedded} | {remote} | {summary} |")
    return INTRODUCTION + "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(description="Write docs/methods.md.")
    parser.add_argument("--check", action="store_true", help="change nothing")
    wanted = page()
    if not parser.parse_args(arguments).check:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == wanted:
        return 0
    print("docs/methods.md is stale: run `python -m tools.method_table`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
