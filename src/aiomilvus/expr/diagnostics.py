"""How a filter's errors read: Milvus' sentence, then the place, a caret line and a suggestion.

Parser and binder raise `Fault`, which knows where in the text it is but not the text; the two
entrances, `parser.parse` and `bind.binder.bind`, turn it into an `ExpressionError` by `report`.
Callers match Milvus' wording as a substring, so the first line is Milvus' own and everything
else comes after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from aiomilvus.errors import ExpressionError
from aiomilvus.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

Plan = Literal["query", "delete"]
"""What the filter is for; Milvus names it in the first words of an error."""

_LONGEST_ECHO = 2048
_WINDOW = 80


class Fault(Exception):
    """What is wrong with a filter, and where.

    Args:
        cause: One sentence, in Milvus' words where Milvus has some.
        start: Offset of the first character concerned.
        end: Offset after the last one.
        hint: What to do about it, as a full line, or "".
        bare: Milvus gives this cause without "cannot parse expression" before it.
    """

    def __init__(
        self, cause: str, start: int, end: int, hint: str = "", *, bare: bool = False
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.start = start
        self.end = end
        self.hint = hint
        self.bare = bare


def report(text: str, fault: Fault, plan: Plan = "query") -> ExpressionError:
    """Return the error that tells `fault` in the filter `text`, unraised."""
    echo = text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "…"
    head = f"failed to create {plan} plan: "
    if not fault.bare:
        head += f"cannot parse expression: {echo}, error: "
    lines = [head + fault.cause, *_caret_lines(text, fault.start, fault.end)]
    if fault.hint:
        lines.append(fault.hint)
    return ExpressionError(message="\n".join(lines))


def _caret_lines(text: str, start: int, end: int) -> list[str]:
    """Return where it is, the line concerned (a window of a long one) and the carets."""
    start = min(start, len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    end = max(start + 1, min(end, line_end))
    left = max(line_start, min(start - _WINDOW // 2, line_end - _WINDOW))
    right = min(line_end, left + _WINDOW)
    shown = text[left:right].replace("\t", " ")
    prefix = "…" if left > line_start else ""
    suffix = "…" if right < line_end else ""
    carets = " " * (len(prefix) + start - left) + "^" * (min(end, right + 1) - start)
    row = text.count("\n", 0, start) + 1
    where = f"at column {start - line_start + 1}" + (f" of line {row}" if "\n" in text else "")
    return [f"{where}:", f"    {prefix}{shown}{suffix}", f"    {carets}"]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a line that suggests the nearest of `known`, or "" when none is near."""
    near = nearest(name, known)
    return f"did you mean '{near}'?" if near else ""
