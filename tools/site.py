"""What the documentation's builder is told beyond mkdocs.yml: generated pages, and links outward.

mkdocs calls the ``on_…`` functions (it lists this file under ``hooks``). Reference pages are made
from docstrings at each build, pages of the repository's root join the site, links to other files
outside docs/ become plain text. For language models, the site has each page as Markdown too, and
``llms.txt`` lists these by the sections of the navigation, each with its first sentence.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from typing import Any

# mkdocs loads this file by its path, not as a module of the package `tools`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import reference

ROOT = Path(__file__).resolve().parent.parent
FROM_ROOT = ("CONTRIBUTING.md", "CHANGELOG.md")

SUMMARY = (
    "> Milvus for asyncio: an embedded vector database, a client of Milvus servers, and a server, "
    "with pymilvus' methods, filters and errors."
)

FOR_MAINTAINERS = "For maintainers"
"""The section of the navigation that no user needs."""
_MARKDOWN: dict[str, str] = {}
"""The pages as they were built, by their source."""

_CODE = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NO_PROSE = re.compile(r"[#|>]|[-*] |!\[")
_LABEL = re.compile(r"^\*\*[^*]+\*\*\s*")
_BRIEF = 30
"""Characters below which a sentence says too little of a page."""
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages and those of the repository's root."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - only the builder has it

    texts = generated()
    texts["llms.txt"] = llms(texts, config["nav"])
    for path, text in texts.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_more: Any) -> str:
    """Turn links out of docs/ into links of the site, or into plain text."""
    source: str = page.file.src_uri
    at_root = source in FROM_ROOT
    text = relinked(markdown, posixpath.dirname(source) if not at_root else "..")
    _MARKDOWN[source] = text
    return text


def on_post_build(config: Any) -> None:
    """Put the pages' Markdown beside them, which `llms.txt` links to."""
    for source, text in _MARKDOWN.items():
        Path(config["site_dir"], source).write_text(text, encoding="utf-8")


def generated() -> dict[str, str]:
    """Return the pages that are not files of docs/, by their path there."""
    own = {name: (ROOT / name).read_text(encoding="utf-8") for name in FROM_ROOT}
    return {**own, **reference.pages()}


def relinked(markdown: str, folder: str) -> str:
    """Return a page of this folder, relative to docs/, with links that the site can follow."""

    def replaced(link: re.Match[str]) -> str:
        target, hash_, anchor = link["target"].partition("#")
        if not target or ":" in target:
            return link[0]
        path = posixpath.normpath(posixpath.join("docs", folder, target))
        if path in FROM_ROOT:
            to = path
        elif path.startswith("docs/"):
            to = path.removeprefix("docs/")
        else:
            return link["text"]
        start = "" if folder == ".." else folder
        return f"[{link['text']}]({posixpath.relpath(to, start or '.')}{hash_}{anchor})"

    return _LINK.sub(replaced, markdown)


def llms(texts: dict[str, str], nav: list[dict[str, str | list[str]]]) -> str:
    """Return llms.txt: every page of the site, with its title and first sentence.

    Args:
        texts: The pages that are not files of docs/, by their path there.
        nav: Titles of sections, and their pages: as in mkdocs.yml.
    """
    pages = {path.relative_to(ROOT / "docs").as_posix(): path for path in _own_pages()}
    every = {name: path.read_text(encoding="utf-8") for name, path in pages.items()} | texts
    lines = ["# aiomilvus", "", SUMMARY]
    for title, names in _sections(nav, sorted(every)).items():
        lines += ["", f"## {title}", ""]
        for name in names:
            text = every.pop(name)
            lines.append(f"- [{_title(text)}]({name}): {_first_sentence(text)}")
    return "\n".join(lines) + "\n"


def _sections(nav: list[dict[str, str | list[str]]], known: list[str]) -> dict[str, list[str]]:
    """Return the pages of each section; "Optional", at the end, may be left out by who reads."""
    found: dict[str, list[str]] = {}
    for section in nav:
        for title, names in section.items():
            found[title] = [names] if isinstance(names, str) else names
    listed = {name for names in found.values() for name in names}
    found["Optional"] = [
        *found.pop(FOR_MAINTAINERS, []),
        *(each for each in known if each not in listed),
    ]
    return found


def _own_pages() -> list[Path]:
    return sorted((ROOT / "docs").rglob("*.md"))


def _title(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")


def _first_sentence(text: str) -> str:
    """Return the first sentence of a page's first paragraph, with a second one if it is brief."""
    prose = _COMMENT.sub("", _CODE.sub("", text))
    paragraphs = (part.strip() for part in prose.split("\n\n")[1:])
    plain = next((part for part in paragraphs if part and not _NO_PROSE.match(part)), "")
    plain = _LABEL.sub("", _LINK.sub(lambda link: link["text"], plain))
    found = ""
    for sentence in re.split(r"(?<=[.!?])\s", " ".join(plain.split())):
        found = f"{found} {sentence}".strip()
        if len(found) >= _BRIEF:
            break
    return f"{found[:-1]}." if found.endswith(":") else found
