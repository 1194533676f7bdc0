"""tools/check_dead_code.py: what counts as used, and how an allowance works."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tools import check_dead_code

if TYPE_CHECKING:
    from pathlib import Path

Complain = Callable[..., list[str]]


@pytest.fixture
def complain(tmp_path: Path) -> Complain:
    """Check one source file, of which `shown` is public, with the given allowances."""

    def run(source: str, allow: str = "") -> list[str]:
        (tmp_path / "src").mkdir()
        (tmp_path / "src/x.py").write_text(source)
        (tmp_path / "pyproject.toml").write_text(f"[tool.aiomilvus.dead_code.allow]\n{allow}\n")
        return check_dead_code.complaints(tmp_path, {"shown"})

    return run


@pytest.mark.parametrize(
    "source",
    [
        "def used(): ...\nused()\n",
        "def shown(): ...\n",
        "class shown:\n    def __len__(self): ...\n",
        "import enum\nclass shown(enum.IntEnum):\n    RED = 1\n",
        "from typing import TypedDict\nclass shown(TypedDict):\n    size: int\n",
        "def shown(message):\n    message.code = 1\n",
        "_TABLE: dict[int, int] = {}\ndef shown(): return _TABLE\n",
        "_count = 0\ndef shown():\n    global _count\n    _count += 1\n    return _count\n",
        "import os\nif os.name:\n    _HERE = 1\nelse:\n    _HERE = 2\ndef shown(): return _HERE\n",
    ],
)
def test_what_something_or_someone_reaches_passes(complain: Complain, source: str):
    assert complain(source) == []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("def lost(): ...\n", "1: nothing uses the function lost"),
        ("class shown:\n    def lost(self): ...\n", "2: nothing uses the method lost"),
        ("class shown:\n    lost: int = 0\n", "2: nothing uses the variable lost"),
        (
            "class shown:\n    def __init__(self):\n        self.lost = 0\n",
            "3: nothing uses the attribute lost",
        ),
        ("_LOST = 1\ndef shown(): ...\n", "1: nothing uses the private variable _LOST"),
        ("_LOST: int = 1\n", "1: nothing uses the private variable _LOST"),
        (
            "import os\nif os.name:\n    _LOST = 1\n",
            "3: nothing uses the private variable _LOST",
        ),
    ],
)
def test_what_nothing_reaches_is_refused(complain: Complain, source: str, what: str):
    assert complain(source) == [f"src/x.py:{what}"]


def test_an_allowance_with_a_reason_is_honoured(complain: Complain):
    assert complain("def lost(): ...\n", '"src/x.py::lost" = "called from C"') == []


def test_an_allowance_without_a_reason_is_refused(complain: Complain):
    assert complain("def lost(): ...\n", '"src/x.py::lost" = ""') == [
        "pyproject.toml: the allowance for src/x.py::lost has no reason"
    ]


def test_an_allowance_that_is_not_needed_is_refused(complain: Complain):
    assert complain("x = 1\nprint(x)\n", '"src/x.py::lost" = "once needed"') == [
        "pyproject.toml: the allowance for src/x.py::lost is not needed"
    ]
