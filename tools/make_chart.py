"""Draw the chart of measured speed that the README shows.

    python -m tools.make_chart [--check]

Reads ``benchmarks/results/peers.json``, the figures of docs/benchmarks.md that a benchmark run
left there, and writes ``docs/speed.svg``. With ``--check`` it writes nothing, and fails where the
chart is another one.
"""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING

import msgspec

from tools import project

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = project.ROOT / "benchmarks" / "results" / "peers.json"
CHART = project.ROOT / "docs" / "speed.svg"

WIDTH = 720
_NAMES = 190
"""Where the bars begin."""
_ROW = 30
_BAR = 18
_HEAD = 62
_FIGURES = 120
"""Room for the figures behind the longest bar."""
_OURS, _OTHERS = "#0b7285", "#adb5bd"
_TEXT, _QUIET = "#212529", "#495057"


class Engine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One bar: calls a second, and how many of the ten nearest they found."""

    name: str
    searches: int
    recall: float
    ours: bool


class Results(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the chart shows, and the command that measured it.

    Attributes:
        title: Of the chart.
        subtitle: What was searched.
        command: What measures it again.
        column: The column of docs/benchmarks.md that has the figures.
        engines: The bars.
    """

    title: str
    subtitle: str
    command: str
    column: str
    engines: tuple[Engine, ...]


def results() -> Results:
    """Return the figures."""
    return msgspec.json.decode(RESULTS.read_bytes(), type=Results)


def drawn(shown: Results) -> str:
    """Return the chart as SVG, the fastest first."""
    height = _HEAD + _ROW * len(shown.engines) + 12
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
                f'viewBox="0 0 {WIDTH} {height}" role="img" font-family="system-ui, sans-serif">'
            ),
            f"<title>{escape(shown.title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" rx="6" fill="#ffffff"/>',
            _text(16, 27, 16, _TEXT, shown.title, weight=600),
            _text(16, 46, 12, _QUIET, shown.subtitle),
            *_bars(shown.engines),
            "</svg>\n",
        ]
    )


def _bars(engines: tuple[Engine, ...]) -> Iterator[str]:
    most = max(engine.searches for engine in engines)
    ordered = sorted(engines, key=lambda engine: -engine.searches)
    for number, engine in enumerate(ordered):
        top = _HEAD + _ROW * number
        width = max((WIDTH - _NAMES - _FIGURES) * engine.searches / most, 1)
        fill = _OURS if engine.ours else _OTHERS
        base = top + _BAR - 4
        weight = 600 if engine.ours else 400
        yield _text(_NAMES - 10, base, 13, _TEXT, engine.name, weight=weight, anchor="end")
        yield f'<rect x="{_NAMES}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{fill}"/>'
        figures = f"{engine.searches:,}  r {engine.recall:.3f}"
        yield _text(_NAMES + width + 8, base, 12, _QUIET, figures)


def _text(
    x: float, y: float, size: int, fill: str, text: str, *, weight: int = 400, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def main() -> int:
    """Write the chart, or with ``--check`` compare it."""
    chart = drawn(results())
    if "--check" in sys.argv[1:]:
        if not CHART.is_file() or CHART.read_text(encoding="utf-8") != chart:
            sys.stderr.write(f"{CHART} is another chart: python -m tools.make_chart\n")
            return 1
        return 0
    CHART.write_text(chart, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
