"""Every Python block of README.md and docs/ runs, and prints what the page says it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import markdown

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [page for page in markdown.pages() if markdown.blocks(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(markdown.ROOT)))
def test_the_code_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    if "as_pymilvus" not in text:
        markdown.run(str(page), text)
        return
    # It wants a process that has not imported pymilvus.
    command = [sys.executable, "-m", "tests.support.markdown", str(page)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", markdown.pages(), ids=lambda page: page.name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert markdown.broken_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_block_of_a_page_is_left_out_but_for_want_of_a_package(page: Path) -> None:
    for block in markdown.blocks(page.read_text(encoding="utf-8")):
        assert block.not_run is None or block.not_run.startswith("needs "), block.line


def test_a_block_that_needs_a_package_is_run_where_that_is_installed() -> None:
    page = "<!-- run with: {} -->\n\n```python\nprint(1)\n```\n"
    (there,) = markdown.blocks(page.format("numpy"))
    (missing,) = markdown.blocks(page.format("no_such_package"))
    assert (there.not_run, missing.not_run) == (None, "needs no_such_package")


def test_the_page_about_moving_has_a_block_for_each_database() -> None:
    text = (markdown.ROOT / "docs" / "howto" / "moving.md").read_text(encoding="utf-8")
    for name in ("chromadb", "lancedb", "qdrant_client"):
        assert f"<!-- run with: {name} -->" in text
