"""Count what weakens the types, and let the numbers only fall.

    python -m tools.check_budget            compare with pyproject.toml
    python -m tools.check_budget --lower    write lower numbers there, never higher ones

``Any`` tells a type checker nothing and ``cast`` overrules it. The numbers in
``[tool.aiomilvus.budget]`` are what src/ has of each, without the generated twin: more is an
error, and so is fewer until the number is lowered (`make format` does), so that what was gained
is not spent again.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING

from tools import project

if TYPE_CHECKING:
    from pathlib import Path

COUNTED = ("Any", "cast")


def counts(root: Path) -> dict[str, int]:
    """Return how often each name of `COUNTED` is used in src/, imports left out."""
    found: Counter[str] = Counter()
    for path in sorted((root / "src").rglob("*.py")):
        if "/client/sync/" not in path.as_posix():
            found.update(_names(ast.parse(path.read_text(encoding="utf-8"), str(path))))
    return {name: found[name] for name in COUNTED}


def _names(tree: ast.AST) -> Counter[str]:
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found[node.id] += 1
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"t", "typing"}:
            found[node.attr] += 1
    return found


def complaints(root: Path = project.ROOT) -> list[str]:
    """Return one line for each number that rose, or fell without being lowered."""
    budget: dict[str, int] = project.settings(root)["tool"]["aiomilvus"]["budget"]
    found = []
    for name, number in counts(root).items():
        if number > budget[name]:
            found.append(f"src/ has {number} {name}, at most {budget[name]}: name the type")
        elif number < budget[name]:
            found.append(f"src/ has {number} {name}, not {budget[name]}: run make format")
    return found


def lower(root: Path = project.ROOT) -> None:
    """Write the numbers into pyproject.toml where they fell."""
    path = root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    budget: dict[str, int] = project.settings(root)["tool"]["aiomilvus"]["budget"]
    before, header, table = text.partition("[tool.aiomilvus.budget]\n")
    for name, number in counts(root).items():
        if number < budget[name]:
            table = re.sub(rf"(?m)^{name} = \d+$", f"{name} = {number}", table, count=1)
    path.write_text(before + header + table, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Compare, or write lower numbers; return the exit status."""
    parser = argparse.ArgumentParser(description="Let the number of Any and cast only fall.")
    parser.add_argument("--lower", action="store_true", help="write lower numbers")
    if parser.parse_args(arguments).lower:
        lower()
        return 0
    found = complaints()
    print("\n".join(found) or "budget: no more Any and cast than before")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
