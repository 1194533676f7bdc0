"""Every analyzer, tokenizer and filter of Milvus 3.0 with each of its options.

A case is analyzer JSON with a value that is taken, and one that is refused by name. What Milvus
serves and this engine does not is listed apart. `tests/behaviour/test_analyzer_parameters.py` holds
the names of `docs/text.md` to these.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class AnalyzerCase(NamedTuple):
    """One option.

    Attributes:
        kind: ``analyzer``, ``tokenizer`` or ``filter``.
        name: Of it.
        option: "" for the thing by itself.
        good, bad: Values of the option; None for `bad` where it is a name without options.
        beside: The options that it needs, too.
        said: What the refusal names; "" for the option.
    """

    kind: str
    name: str
    option: str = ""
    good: Any = None
    bad: Any = None
    beside: dict[str, Any] = {}  # noqa: RUF012 - a tuple's default, which nobody changes
    said: str = ""


_STOP = ["the", "_english_"]
_LANGUAGES = {"default": {"type": "standard"}, "English": {"type": "english"}}
_TAGS = {"kind": "japanese_stop_tags", "tags": ["助詞,格助詞"]}
_IPADIC = {"dict_kind": "ipadic"}

ANALYZERS = tuple(
    AnalyzerCase("analyzer", name, "stop_words", _STOP, "the")
    for name in ("standard", "english", "chinese", "arabic", "thai")
)
TOKENIZERS = (
    *(
        AnalyzerCase("tokenizer", name)
        for name in ("standard", "whitespace", "jieba", "icu", "thai")
    ),
    AnalyzerCase("tokenizer", "jieba", "mode", "exact", "fast"),
    AnalyzerCase("tokenizer", "jieba", "hmm", False, "no"),
    AnalyzerCase("tokenizer", "jieba", "dict", ["_default_", "狐狸"], "狐狸"),
    AnalyzerCase("tokenizer", "jieba", "extra_dict_file", None, "words.txt"),
    AnalyzerCase("tokenizer", "lindera", "dict_kind", "ipadic", "klingon", said="lindera dict"),
    AnalyzerCase("tokenizer", "lindera", "mode", "decompose", "fast", _IPADIC),
    AnalyzerCase("tokenizer", "lindera", "filter", [_TAGS], [{"kind": "stop"}], _IPADIC),
    AnalyzerCase("tokenizer", "char_group", "delimiters", ["letter", "-"], ["blank"], said="char"),
    AnalyzerCase("tokenizer", "language_identifier", "analyzers", _LANGUAGES, {}, said="default"),
    AnalyzerCase(
        "tokenizer",
        "language_identifier",
        "identifier",
        {"type": "whatlang", "confidence": 0.1},
        "guess",
        {"analyzers": _LANGUAGES},
    ),
    AnalyzerCase(
        "tokenizer",
        "language_identifier",
        "mapping",
        {"German": "English"},
        {"German": "Klingon"},
        {"analyzers": _LANGUAGES},
    ),
)  # fmt: skip
FILTERS = (
    *(
        AnalyzerCase("filter", name)
        for name in (
            *("lowercase", "asciifolding", "alphanumonly", "cnalphanumonly", "cncharonly"),
            *("removepunct", "decimaldigit", "arabic_normalization", "pinyin"),
        )
    ),
    AnalyzerCase("filter", "length", "max", 5, "5"),
    AnalyzerCase("filter", "length", "min", 2, -1),
    AnalyzerCase("filter", "stop", "stop_words", _STOP, "the"),
    AnalyzerCase("filter", "stop", "stop_words_file", None, "words.txt"),
    AnalyzerCase("filter", "stemmer", "language", "english", "klingon"),
    AnalyzerCase("filter", "decompounder", "word_list", ["fox", "hound"], [], said="word list"),
    AnalyzerCase(
        "filter", "decompounder", "word_list_file", None, "x", {"word_list": ["fox"]}
    ),
    AnalyzerCase("filter", "regex", "expr", "^[a-z]+$", "("),
    AnalyzerCase("filter", "synonym", "synonyms", ["fox, vixen"], ["a => b => c"], said="synonym"),
    AnalyzerCase("filter", "synonym", "synonyms_file", None, "x"),
    AnalyzerCase("filter", "synonym", "expand", False, "no", {"synonyms": ["fox, vixen"]}),
    *(
        AnalyzerCase("filter", "pinyin", name, True, "yes")
        for name in (
            "keep_original",
            "keep_full_pinyin",
            "keep_joined_full_pinyin",
            "keep_separate_first_letter",
        )
    ),
)  # fmt: skip
CASES = (*ANALYZERS, *TOKENIZERS, *FILTERS)

NOT_SERVED: tuple[dict[str, Any], ...] = (
    {"tokenizer": "grpc"},
    {"tokenizer": {"type": "lindera", "dict_kind": "unidic"}},
    {"tokenizer": {"type": "lindera", "dict_kind": "ipadic-neologd"}},
    {"tokenizer": {"type": "lindera", "dict_kind": "ipadic", "user_dict": {}}},
)
"""What Milvus serves, and this engine refuses by name with code 10."""


def analyzer_of(case: AnalyzerCase, **options: Any) -> dict[str, Any]:
    """Return analyzer JSON that has the case's thing, with these options beside those it needs."""
    given = {"type": case.name, **case.beside, **options}
    if case.kind == "analyzer":
        return given
    if case.kind == "tokenizer":
        return {"tokenizer": given}
    return {"tokenizer": "standard", "filter": [given]}
