"""Small pieces of HTML that notebooks show: tables, and bars of a share. All text is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_LETTERS = 120


def table(rows: Sequence[Mapping[str, str]], title: str = "") -> str:
    """Return a table of rows, with a column for each key that any of them has.

    Args:
        rows: Texts by column.
        title: Shown above.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th>{_escape(name)}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{_cut(row.get(name, chr(32)))}</td>' for name in names)}</tr>"
        for row in rows
    )
    caption = f"<caption>{_escape(title)}</caption>" if title else ""
    empty = "" if rows else "<tbody><tr><td>no rows</td></tr></tbody>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{empty}</table>"


def bar(share: float, text: str) -> str:
    """Return a bar that is as long as `share` of its place, 0 to 1, with a text beside it."""
    width = 100 * min(max(share, 0.0), 1.0)
    outer = "display:inline-block;width:10em;height:0.8em;background:#ddd"
    inner = f"display:block;width:{width:.1f}%;height:100%;background:#4a90d9"
    return f'<span style="{outer}"><span style="{inner}"></span></span> {_escape(text)}'


def tree(text: str, branches: Sequence[str]) -> str:
    """Return a node that can be folded, over branches that are HTML already."""
    items = "".join(f"<li>{branch}</li>" for branch in branches)
    return f"<details open><summary>{_escape(text)}</summary><ul>{items}</ul></details>"


def _cut(text: str) -> str:
    return _escape(text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…")


def code(text: str) -> str:
    """Return the text as a piece of code."""
    return f"<code>{_escape(text)}</code>"


def _escape(text: str) -> str:
    from html import escape  # noqa: PLC0415 - brings the names of 2,231 characters

    return escape(text)
