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


def test_a_line_that_did_not_change_is_not_shown_again(capsys: pytest.CaptureFixture[str]) -> None:
    for done in (0, 0, 0, 1, 1, 2):
        show_progress(Progress("waiting", done, 2))
    assert capsys.readouterr().err.count("waiting") == 3
    show_progress(Progress("waiting", 2, 2))
    assert "2/2" in capsys.readouterr().err
