"""Refuse archaic and roundabout words in code, documents and messages.

    python -m tools.check_prose

A reader searches for the words he would type himself, so the repository uses plain modern
technical English: "expensive" rather than the older word for it. ``REPLACEMENTS`` lists what is
refused, with what to write instead. Every tracked text file is read, whole: code, comments,
docstrings, messages and documents alike. What other people wrote or named stands in ``EXEMPT``,
with the reason.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from tools import project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What is refused -> what to write instead.
REPLACEMENTS = {
    "afresh": "again, from scratch",
    "anew": "again, rebuild, rewrite",
    "asunder": "apart",
    "aught": "anything",
    "begets?": "creates",
    "behold": "see",
    "bestows?": "gives",
    "betimes": "early",
    "but for": "except for, apart from",
    "by way of": "through, via",
    "dear": "expensive",
    "dearer": "more expensive",
    "dearest": "most expensive",
    "erstwhile": "former",
    "for want of": "because … is missing",
    "forthwith": "at once, immediately",
    "heeds?": "follows, respects",
    "hence": "so, which is why",
    "henceforth": "from now on",
    "hereby": "(leave it out)",
    "heretofore": "so far",
    "hither": "here",
    "hitherto": "so far",
    "in vain": "for nothing, without effect",
    "lest": "so that … not, because",
    "may only what": "is allowed only what",
    "mayhap": "perhaps",
    "methinks": "(leave it out)",
    "naught": "nothing, 0",
    "needs not": "need not, does not need to",
    "none the wiser": "not informed",
    "notwithstanding": "despite",
    "nought": "nothing, 0",
    "of old": "earlier",
    "perchance": "perhaps",
    "the very same": "the same, the same object",
    "thence": "from there",
    "thereby": "so",
    "therein": "in it",
    "thereof": "of it",
    "thereupon": "then",
    "therewith": "with it",
    "thither": "there",
    "unto": "to",
    "verily": "(leave it out)",
    "whence": "from where, from which",
    "whereby": "by which",
    "wherefore": "why",
    "wherein": "in which",
    "whereof": "of which",
    "whereupon": "then",
    "whilst": "while",
    "whither": "where",
    "withal": "also",
    "wont": "used to",
}

# Path, or the start of one -> why its words are not ours to choose.
EXEMPT = {
    "LICENSE": "the licence's own text",
    "examples/data/": "a corpus of other people's texts",
    "tools/check_prose.py": "the list of refused words",
    "tests/tools/test_check_prose.py": "what the list is tested on",
}

_PATTERN = re.compile(
    rf"\b(?:{'|'.join(REPLACEMENTS)})\b".replace(" ", r"\s+(?:[#*>]\s+)?"), re.IGNORECASE
)


class Finding(NamedTuple):
    """A refused word: where it stands, and what to write instead."""

    line: int
    words: str
    instead: str


def findings(text: str) -> Iterator[Finding]:
    """Yield the refused words of a text, also those broken over two lines of a comment."""
    for match in _PATTERN.finditer(text):
        words = re.sub(r"\s+(?:[#*>]\s+)?", " ", match[0])
        instead = next(
            plain
            for word, plain in REPLACEMENTS.items()
            if re.fullmatch(word, words, re.IGNORECASE)
        )
        yield Finding(text.count("\n", 0, match.start()) + 1, words, instead)


def complaints(root: Path = project.ROOT) -> list[str]:
    """Return one line for each refused word, and for each exemption that exempts no file."""
    names = project.tracked_files(root)
    found = [
        f"tools/check_prose.py: there is no {start} to exempt"
        for start in EXEMPT
        if names and not any(name.startswith(start) for name in names)
    ]
    for name in names:
        content = (root / name).read_bytes()
        if b"\0" in content or name.startswith(tuple(EXEMPT)):
            continue
        found += [
            f'{name}:{line}: "{words}": write {instead}'
            for line, words, instead in findings(content.decode("utf-8"))
        ]
    return found


def main() -> int:
    """Print the complaints; return the exit status."""
    found = complaints()
    print("\n".join(found) or "prose: no refused words")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
