"""tools/check_budget.py: what is counted, and that the numbers only fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools import check_budget

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """
import typing
from typing import Any, cast
def f(a: Any, b: "list[int]") -> dict[str, Any]:
    return cast("dict[str, typing.Any]", typing.cast(int, a))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src/client/sync").mkdir(parents=True)
    (tmp_path / "src/x.py").write_text(SOURCE)
    (tmp_path / "src/client/sync/x.py").write_text(SOURCE)
    return tmp_path


def with_budget(root: Path, any_: int, cast: int) -> Path:
    text = f"[tool.aiomilvus.budget]\nAny = {any_}\ncast = {cast}\n[tool.other]\ncast = 1\n"
    (root / "pyproject.toml").write_text(text)
    return root


def test_uses_count_and_imports_and_the_generated_twin_do_not(root: Path):
    assert check_budget.counts(root) == {"Any": 2, "cast": 2}


def test_the_budget_met_exactly_passes(root: Path):
    assert check_budget.complaints(with_budget(root, 2, 2)) == []


def test_more_than_the_budget_is_refused(root: Path):
    assert check_budget.complaints(with_budget(root, 1, 2)) == [
        "src/ has 2 Any, at most 1: name the type"
    ]


def test_fewer_are_refused_until_the_budget_is_lowered(root: Path):
    with_budget(root, 2, 5)
    assert check_budget.complaints(root) == ["src/ has 2 cast, not 5: run make format"]
    check_budget.lower(root)
    assert check_budget.complaints(root) == []
    assert "[tool.other]\ncast = 1\n" in (root / "pyproject.toml").read_text()


def test_the_budget_is_never_raised(root: Path):
    check_budget.lower(with_budget(root, 1, 1))
    assert len(check_budget.complaints(root)) == 2
