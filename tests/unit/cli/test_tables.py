"""Tables keep their lines: controls are escaped, and a terminal's width is kept."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from aiomilvus.cli.output import print_json
from aiomilvus.cli.tables import print_pairs, print_rows, print_table, table, visible

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

COLOURED = "\nnew line\ttab \x1b[31mred \x9b31m \u202eback\u2028\x00"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, width: int, show: Callable[[], None]) -> list[str]:
    """Return the lines that a terminal of a width gets."""
    terminal = Terminal()
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "stdout", terminal)
    show()
    monkeypatch.undo()
    return terminal.getvalue().splitlines()


def test_what_a_terminal_would_obey_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"id": 1, "text": COLOURED}])
    print_pairs([("description", COLOURED)])
    print_table([COLOURED], [[[COLOURED]]])
    printed = capsys.readouterr().out
    assert printed.count("\n") == len(printed.splitlines()) == 2 + 1 + 2
    escaped = r"\nnew line\ttab \x1b[31mred \x9b31m \u202eback\u2028\x00"
    assert printed.count(escaped) == 4
    assert visible("a\n\x1b", kept="\n") == "a\n\\x1b"
    print_json({"a": "\x9b\x7f\x1b"})
    assert capsys.readouterr().out == '{\n  "a": "\\u009b\\u007f\\u001b"\n}\n'


def test_vectors_are_shown_by_their_ends_and_floats_by_six_digits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_rows([{"short": [0.10000000149011612, 2.0], "long": [0.30000001192092896] * 17}])
    assert capsys.readouterr().out.splitlines()[1] == (
        "[0.1, 2]  [0.3, 0.3, 0.3, ..., 0.3] (17 numbers)"
    )


def test_a_table_is_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[dict[str, object]] = [
        {"id": 1 << 62, "text": "word " * 30, "more": "中文" * 30, "v": [0.5] * 8}
    ]
    for width in range(46, 200):
        lines = on_terminal(monkeypatch, width, lambda: print_rows(rows))
        shown = [len(line) + sum(line.count(each) for each in "中文") for line in lines]
        assert max(shown) <= width
        assert str(1 << 62) in lines[1], "a number is whole"
        assert "…" in lines[1]
    assert not any("…" in line for line in table(["a"], [["word " * 30]], None)[0])


def test_columns_that_find_no_room_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"column{n}" for n in range(9)]
    lines = on_terminal(monkeypatch, 30, lambda: print_table(names, [["some text here"] * 9]))
    assert max(map(len, lines)) <= 30
    assert [name for name in names if name in lines[0]] == names[:3]
    assert lines[1].count("…") == 3
    told = capsys.readouterr().err
    assert told.startswith("6 columns are left out, because the terminal is too narrow: column3, ")
    assert told.endswith("column8\n")


def test_a_pipe_gets_everything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    print_rows([{"a": "x" * 100, "b": "y" * 100}])
    assert f"{'x' * 100}  {'y' * 100}\n" in capsys.readouterr().out
