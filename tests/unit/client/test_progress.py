"""The bar that shows how far a call is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus import Progress, show_progress
from aiomilvus.client.progress import bar

if TYPE_CHECKING:
    import pytest


def test_a_bar_shows_the_share_that_is_done() -> None:
    assert bar(Progress("importing", 500, 1000)) == f"importing [{'#' * 15}{'-' * 15}] 500/1,000"
    assert bar(Progress("importing", 1500)) == "importing: 1,500 rows"
    assert bar(Progress("compacting")) == "compacting"


def test_the_line_ends_with_the_last_row(capsys: pytest.CaptureFixture[str]) -> None:
    show_progress(Progress("importing", 1, 2))
    assert not capsys.readouterr().err.endswith("\n")
    show_progress(Progress("importing", 2, 2))
    assert capsys.readouterr().err.endswith("2/2\n")
