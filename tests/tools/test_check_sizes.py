"""tools/check_sizes.py: what counts, what is refused, and how an allowance works."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tools import check_sizes

if TYPE_CHECKING:
    from pathlib import Path

Complain = Callable[..., list[str]]


@pytest.fixture
def complain(tmp_path: Path) -> Complain:
    """Check one source file against limits of 12 and 3 lines, with the given allowances."""

    def run(source: str, allow: str = "") -> list[str]:
        (tmp_path / "src").mkdir(exist_ok=True)
        (tmp_path / "src/x.py").write_text(source)
        (tmp_path / "pyproject.toml").write_text(
            "[tool.aiomilvus.sizes]\nmax_file_lines = 12\nmax_function_lines = 3\n"
            f"[tool.aiomilvus.sizes.allow]\n{allow}\n"
        )
        return check_sizes.complaints(tmp_path)

    return run


LONG_METHOD = "class A:\n    async def f(self):\n        x = 1\n        y = 2\n        return x\n"


def test_a_short_file_passes(complain: Complain):
    assert complain("def f():\n    x = 1\n    return x\n") == []


def test_a_long_file_is_refused(complain: Complain):
    assert complain("x = 1\n" * 13) == ["src/x.py: 13 lines, at most 12"]


def test_a_long_method_is_refused_by_its_qualified_name(complain: Complain):
    assert complain(LONG_METHOD) == ["src/x.py:2 A.f: 4 lines, at most 3"]


def test_a_docstring_and_decorators_do_not_count(complain: Complain):
    source = '@a\n@b\ndef f():\n    """One.\n\n    Two.\n    """\n    x = 1\n    return x\n'
    assert complain(source) == []


def test_a_function_inside_a_function_is_seen(complain: Complain):
    source = "if x:\n    def f():\n        def g():\n            a\n            b\n            c\n"
    assert [line.split(":")[1] for line in complain(source)] == ["2 f", "3 f.g"]


def test_an_allowance_with_a_reason_is_honoured(complain: Complain):
    assert complain(LONG_METHOD, '"src/x.py::A.f" = "a table"') == []


def test_an_allowance_without_a_reason_is_refused(complain: Complain):
    assert complain(LONG_METHOD, '"src/x.py::A.f" = " "') == [
        "pyproject.toml: the allowance for src/x.py::A.f has no reason"
    ]


def test_an_allowance_that_is_not_needed_is_refused(complain: Complain):
    assert complain("x = 1\n", '"src/x.py" = "once long"') == [
        "pyproject.toml: the allowance for src/x.py is not needed"
    ]
