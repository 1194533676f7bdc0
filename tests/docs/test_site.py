"""The documentation's site: it builds strictly, and its generated pages leave nothing out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import aiomilvus
from aiomilvus import AsyncMilvusClient, errors
from tools import reference, site

if TYPE_CHECKING:
    from pathlib import Path

EVERY = {
    f"{cls.__name__}.{name}": method
    for cls in (*reference.ASYNC, *reference.SYNC)
    for name, method in reference.methods(cls).items()
}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_site_builds_and_nothing_is_complained_of(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    built = subprocess.run(
        [*command, "--site-dir", str(tmp_path)],
        cwd=site.ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert 'id="hybrid_search"' in (tmp_path / "reference" / "async.html").read_text("utf-8")
    listed = re.findall(
        r"^- \[.*?\]\(([^)]+)\)", (tmp_path / "llms.txt").read_text("utf-8"), re.MULTILINE
    )
    assert {"tutorial.md", "reference/async.md", "CHANGELOG.md"} <= {*listed}
    assert len(listed) == len({*listed})
    assert [name for name in listed if not (tmp_path / name).is_file()] == []


@pytest.mark.parametrize("name", EVERY)
def test_every_parameter_of_a_method_is_described(name: str) -> None:
    missing = [each for each, text in reference.described(EVERY[name]).items() if not text]
    assert missing == []


def test_the_reference_has_every_method_with_its_example() -> None:
    page = reference.pages()["reference/async.md"]
    for name in reference.methods(AsyncMilvusClient):
        assert f"\n## {name}\n" in page
    assert "hits = await client.search(" in page


def test_the_pages_named_are_those_made() -> None:
    assert set(reference.PAGES) == set(reference.pages())


def test_each_public_name_stands_in_the_reference() -> None:
    text = "\n".join(reference.pages().values())
    shown = {*re.findall(r"^#+ (\w+)$", text, re.MULTILINE)}
    shown |= {*re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)}
    # The codes are numbers in the table of errors.
    assert {*aiomilvus.__all__} - shown == {"ErrorCode", "__version__"}


def test_a_class_is_shown_with_its_arguments_methods_and_an_example() -> None:
    page = reference.values_page()
    _, _, rest = page.partition("\n## AnnSearchRequest\n")
    section, _, _ = rest.partition("\n## ")
    assert "* `anns_field`: The vector field." in section
    assert "* `ParamError`: Both" in section
    assert "```python\nlike = AnnSearchRequest(" in section
    assert "### BloomFilterBuilder.build" in page
    assert "| `FLOAT_VECTOR` |" in page


def test_the_page_of_errors_has_every_class_with_its_code() -> None:
    page = reference.errors_page()
    assert "| `CollectionNotLoadedError` | 101 |" in page
    listed = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    assert listed == {
        name
        for name, found in vars(errors).items()
        if isinstance(found, type) and issubclass(found, errors.MilvusException)
    }


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("`run it` makes a copy of everything. More.", "`run it` makes a copy of everything."),
        ("```python\na = 1\n\nb = 2\n```\n\nThis is the first paragraph.", None),
        ("| a |\n\n- a list\n\n<!-- no\n\nthing -->\n\nThis is the first paragraph.", None),
        ("Version 1. A folder with many files. More.", "Version 1. A folder with many files."),
        ("**Question.** Why is it done [so](b.md) as it is?", "Why is it done so as it is?"),
        ("The commands, one after the other:\n\n- a", "The commands, one after the other."),
    ],
)
def test_a_page_is_summed_up_by_its_first_paragraph(page: str, wanted: str | None) -> None:
    lines = site.llms({"reference/a.md": f"# A\n\n{page}\n"}, []).splitlines()
    assert f"- [A](reference/a.md): {wanted or 'This is the first paragraph.'}" in lines


def test_pages_are_listed_by_section_and_those_for_maintainers_come_last() -> None:
    texts = {"a.md": "# A\n\nOf the first letter, a.\n", "b.md": "# B\n\nOf the letter after it.\n"}
    nav: list[dict[str, str | list[str]]] = [
        {site.FOR_MAINTAINERS: ["architecture.md"]},
        {"Start": "index.md"},
        {"Letters": ["b.md", "a.md"]},
    ]
    sections = site.llms(texts, nav).split("\n## ")[1:]
    assert [each.partition("\n")[0] for each in sections] == ["Start", "Letters", "Optional"]
    names = re.findall(r"\(([ab]\.md)\)", sections[1])
    assert names == ["b.md", "a.md"]
    assert sections[2].splitlines()[2].startswith("- [Architecture](architecture.md): ")


@pytest.mark.parametrize(
    ("folder", "link", "wanted"),
    [
        ("", "[a](../CONTRIBUTING.md#words)", "[a](CONTRIBUTING.md#words)"),
        ("howto", "[a](../../CHANGELOG.md)", "[a](../CHANGELOG.md)"),
        ("decisions", "[a](../filters.md#x)", "[a](../filters.md#x)"),
        ("..", "[a](docs/filters.md)", "[a](filters.md)"),
        ("", "[`a`](../src/aiomilvus/native.py)", "`a`"),
        ("", "[a](https://example.org) [b](#here)", "[a](https://example.org) [b](#here)"),
    ],
)
def test_links_out_of_the_folder_become_links_of_the_site(
    folder: str, link: str, wanted: str
) -> None:
    assert site.relinked(link, folder) == wanted
