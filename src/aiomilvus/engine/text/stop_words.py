"""Named stop word lists such as ``_english_``.

The Snowball lists ship inside tantivy; ``_chinese_``, ``_arabic_`` and ``_thai_`` come from
the optional package stopwordsiso. Used by the stop filter and the built-in analyzers.
"""

from __future__ import annotations

from typing import Any

from aiomilvus.engine.text.libraries import stopwordsiso, tantivy

_IN_TANTIVY = frozenset(
    (
        "danish",
        "dutch",
        "english",
        "finnish",
        "french",
        "german",
        "hungarian",
        "italian",
        "norwegian",
        "portuguese",
        "russian",
        "spanish",
        "swedish",
    )
)
_IN_STOPWORDSISO = {"arabic": "ar", "chinese": "zh", "thai": "th"}


def stop_filters(words: list[str]) -> list[Any]:
    """Return tantivy filters that remove `words`.

    Args:
        words: Words and list names; a name is ``_language_``. As in Milvus, a word that
            only looks like a name (``_draft_``) is a word.

    Raises:
        ParamError: A named list needs a package that is not installed.
    """
    factory = tantivy().Filter
    filters = []
    own: list[str] = []
    for word in words:
        name = word[1:-1] if word[:1] == "_" == word[-1:] else ""
        if name in _IN_TANTIVY:
            filters.append(factory.stopword(name))
        elif name in _IN_STOPWORDSISO:
            own.extend(sorted(stopwordsiso().stopwords(_IN_STOPWORDSISO[name])))
        else:
            own.append(word)
    if own:
        filters.append(factory.custom_stopword(own))
    return filters
