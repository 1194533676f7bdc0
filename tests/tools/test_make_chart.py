"""The chart of measured speed shows the figures that the benchmarks' page has."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from tools import make_chart, project


def test_the_chart_in_the_repository_is_drawn_from_the_results(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["make_chart", "--check"])
    assert make_chart.main() == 0


def test_every_figure_stands_on_the_page_of_benchmarks() -> None:
    page = (project.ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    shown = make_chart.results()
    assert shown.command in page
    assert shown.column in page
    for engine in shown.engines:
        first = re.search(rf"^\| {re.escape(engine.name)} \| ([^|]*) \|", page, re.MULTILINE)
        assert first is not None, engine.name
        expected = rf"{engine.searches:,} \(.*\) r {engine.recall:.3f}"
        assert re.fullmatch(expected, first[1]), engine.name


def test_bars_are_as_long_as_their_figures_and_the_longest_comes_first() -> None:
    shown = make_chart.results()
    picture = ET.fromstring(make_chart.drawn(shown))  # noqa: S314 - drawn here
    _, *bars = [each for each in picture if each.tag.endswith("rect")]
    widths = [float(bar.attrib["width"]) for bar in bars]
    searches = sorted((engine.searches for engine in shown.engines), reverse=True)
    assert widths == sorted(widths, reverse=True)
    assert widths == pytest.approx([widths[0] * n / searches[0] for n in searches], abs=1)
