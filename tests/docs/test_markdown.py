"""The reader of Markdown pages itself: what it runs, what it skips, what it finds wrong."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.support import markdown

if TYPE_CHECKING:
    from pathlib import Path


def run(text: str) -> None:
    markdown.run("page.md", textwrap.dedent(text))


def test_blocks_share_one_namespace() -> None:
    run(
        """
        ```python
        x = 1
        ```
        ```python
        assert x == 1
        ```
        """
    )


def test_an_await_may_stand_at_the_top_level() -> None:
    run(
        """
        ```python
        import asyncio
        x = await asyncio.sleep(0, 7)
        ```
        ```python
        print(x)
        ```
        ```text
        7
        ```
        """
    )


def test_a_failing_block_fails_at_the_line_of_the_page() -> None:
    text = "# Title\n\n```python\nx = 1\nraise RuntimeError(x)\n```\n"
    with pytest.raises(RuntimeError) as caught:
        markdown.run("page.md", text)
    assert str(caught.traceback[-1].path).endswith("page.md")
    assert caught.traceback[-1].lineno + 1 == 5


def test_an_output_that_differs_is_an_error() -> None:
    with pytest.raises(AssertionError, match=r"page\.md:3: printed\n2"):
        run(
            """
            ```python
            print(2)
            ```

            ```text
            3
            ```
            """
        )


def test_three_dots_stand_for_anything_printed() -> None:
    run(
        """
        ```python
        print("took 0.7 ms")
        ```
        ```text
        took ... ms
        ```
        """
    )


def test_text_after_a_paragraph_is_not_an_output() -> None:
    run(
        """
        ```python
        print(2)
        ```
        Then:
        ```text
        3
        ```
        """
    )


def test_a_block_with_a_reason_above_it_is_not_run() -> None:
    run(
        """
        <!-- not run: would fail -->
        ```python
        raise RuntimeError
        ```
        """
    )


def test_a_marker_without_a_reason_is_no_marker() -> None:
    with pytest.raises(RuntimeError):
        run(
            """
            <!-- not run: -->
            ```python
            raise RuntimeError
            ```
            """
        )


def test_other_languages_are_left_alone() -> None:
    assert markdown.blocks("```bash\nrm -r x\n```\n```\nplain\n```\n") == []


def test_a_block_in_a_list_is_dedented() -> None:
    [block] = markdown.blocks("1. First\n\n   ```python\n   if x:\n       y\n   ```\n")
    assert block.code == "if x:\n    y\n"


def test_broken_links_are_found_and_good_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A heading, of `some` kind\n")
    page = tmp_path / "page.md"
    page.write_text(
        "## Here\n[a](other.md) [b](#here) [c](other.md#a-heading-of-some-kind)\n"
        "[d](https://example.org) [e](none.md) [f](other.md#none) [g](#none) [h](../x.md)\n"
        "```\n[in code](none2.md)\n```\n"
    )
    assert markdown.broken_links(page, tmp_path) == [
        "none.md",
        "other.md#none",
        "#none",
        "../x.md",
    ]
