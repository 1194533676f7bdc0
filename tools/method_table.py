"""Write docs/methods.md: every method of the clients, and which door serves it.

    python -m tools.method_table            write the page
    python -m tools.method_table --check    exit 1 when it is stale

A method is served when its code does not end in `_unsupported` and every operation that its
module-level imports name and its code builds has a handler in the engine.
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
from aiomilvus.engine.handlers import HANDLERS
from aiomilvus.model.operations.base import Operation

PAGE = Path(__file__).resolve().parent.parent / "docs" / "methods.md"
INTRODUCTION = """\
# Methods

Both clients have all public methods of pymilvus' `MilvusClient` and `AsyncMilvusClient`, with
its parameter names, order and defaults. This table says which of them the embedded engine
serves; the others raise an error with Milvus' code 10 that names the method.

Written by `python -m tools.method_table` from the code; a test holds it to it.

| method | embedded engine | what it does |
|---|---|---|
"""


def methods() -> dict[str, Any]:
    """Return the public methods by name."""
    found = inspect.getmembers(AsyncMilvusClient, callable)
    return {name: method for name, method in found if not name.startswith("_")}


def is_served(method: Any) -> bool:
    """Tell whether the embedded engine carries a method out."""
    source = textwrap.dedent(inspect.getsource(method))
    if re.search(r"^    self\._unsupported\(", source, re.MULTILINE):
        return False
    module = inspect.getmodule(method)
    for name in set(re.findall(r"\b([A-Z]\w+)\(", source)):
        built = getattr(module, name, None)
        if inspect.isclass(built) and issubclass(built, Operation) and built not in HANDLERS:
            return False
    return True


def page() -> str:
    """Return the page as it should be."""
    lines = []
    for name, method in methods().items():
        served = "yes" if is_served(method) else "not yet"
        summary = (inspect.getdoc(method) or "").partition("\n")[0]
        lines.append(f"| `{name}` | {served} | {summary.replace(': not supported yet', '')} |")
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
