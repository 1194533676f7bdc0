"""tools/check_docstrings.py: which docstrings disagree with their signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools import check_docstrings

if TYPE_CHECKING:
    from pathlib import Path

CLASS = '''
class Box:
    """A box.

    Args:
        width: In metres.
        {second}: Likewise.
    """

    {body}
'''


def complain(tmp_path: Path, source: str) -> list[str]:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/x.py").write_text(source)
    return check_docstrings.complaints(tmp_path)


def function(signature: str, *arguments: str) -> str:
    listed = "".join(f"        {name}: What it is:\n            more.\n" for name in arguments)
    raises = "    Raises:\n        E: Always.\n"
    return f'def f({signature}):\n    """Do it.\n\n    Args:\n{listed}\n{raises}    """\n'


def test_arguments_that_agree_pass(tmp_path: Path):
    source = function("a, /, b=1, *rest, c=2, _d=3, **more", "a", "b", "*rest", "c", "**more")
    assert complain(tmp_path, source) == []


def test_several_names_may_share_a_line(tmp_path: Path):
    assert complain(tmp_path, function("a, b, c", "a, b", "c")) == []


def test_an_argument_that_is_gone_is_refused(tmp_path: Path):
    assert complain(tmp_path, function("a", "a", "b")) == [
        "src/x.py:1 f describes b, which it does not take"
    ]


def test_an_argument_that_is_not_described_is_refused(tmp_path: Path):
    assert complain(tmp_path, function("a, b", "a")) == ["src/x.py:1 f does not describe b"]


def test_keywords_may_be_described_one_by_one(tmp_path: Path):
    assert complain(tmp_path, function("a, **kwargs", "a", "limit", "offset")) == []


def test_a_docstring_without_the_section_is_left_alone(tmp_path: Path):
    assert complain(tmp_path, 'def f(a):\n    """Do it with `a`."""\n') == []


@pytest.mark.parametrize(
    "body",
    ["def __init__(self, width, height): ...", "width: int\n    height: int = 1\n    _n: int = 0"],
)
def test_a_class_describes_its_constructor_or_its_fields(tmp_path: Path, body: str):
    assert complain(tmp_path, CLASS.format(second="height", body=body)) == []


def test_a_field_that_is_gone_is_refused(tmp_path: Path):
    assert complain(tmp_path, CLASS.format(second="height", body="width: int")) == [
        "src/x.py:2 Box describes height, which it does not take"
    ]
