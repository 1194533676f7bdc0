"""Read what pyproject.toml says, for the other tools."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(\[[\w,-]+\])?\s*(>=(?P<oldest>[\w.]+))?")


class Requirement(NamedTuple):
    """A dependency: its distribution's name and the oldest version allowed, if any is named."""

    name: str
    oldest: str | None


def settings(root: Path = ROOT) -> dict[str, Any]:
    """Return pyproject.toml as a dictionary."""
    with (root / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def tracked_files(root: Path = ROOT) -> list[str]:
    """Return the paths of the files that git tracks; none outside of a git checkout."""
    if not (root / ".git").exists():
        return []
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
    )
    return [name for name in listing.stdout.split("\0") if name and (root / name).is_file()]


def requirements(specifications: list[str]) -> list[Requirement]:
    """Parse requirements of the form ``name[extra]>=1.2,<3``.

    Raises:
        ValueError: One of them does not start with a name.
    """
    found = []
    for specification in specifications:
        match = _REQUIREMENT.match(specification)
        if match is None:
            message = f"not a requirement: {specification!r}"
            raise ValueError(message)
        found.append(Requirement(match["name"], match["oldest"]))
    return found
