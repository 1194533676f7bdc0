"""Tokenizers of languages, of delimiters, and the one that picks an analyzer by language."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aiomilvus.engine.text import identifier, libraries
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.errors import NotSupportedError, ParamError

JAPANESE = "日本語を勉強する"


def cut(tokenizer: Any, text: str) -> list[str]:
    return build_analyzer({"tokenizer": tokenizer}).tokens(text)


def places(tokenizer: Any, text: str) -> list[tuple[str, int, int, int, int]]:
    """Return the terms with their offsets, positions and lengths; each is where it says."""
    found = build_analyzer({"tokenizer": tokenizer}).detail(text)
    for token in found:
        assert text.encode()[token.start_offset : token.end_offset].decode() == token.term
    return [
        (each.term, each.start_offset, each.end_offset, each.position, each.position_length)
        for each in found
    ]


def lindera(**options: Any) -> dict[str, Any]:
    pytest.importorskip("lindera")
    return {"type": "lindera", "dict_kind": "ipadic", **options}


def identified(detected: Any, **analyzers: Any) -> dict[str, Any]:
    given = {"default": {"tokenizer": "whitespace"}, **analyzers}
    return {"type": "language_identifier", "identifier": detected, "analyzers": given}


def test_thai_words_are_found_and_spaces_dropped():
    pytest.importorskip("icu4py")
    assert cut("thai", "สวัสดีครับ, Hello ๑๒") == ["สวัสดี", "ครับ", "Hello", "๑๒"]
    assert [place[3:] for place in places("thai", "สวัสดีครับ ab")] == [(0, 6), (6, 4), (11, 2)]


def test_the_thai_analyzer_lowers_and_drops_stop_words():
    pytest.importorskip("icu4py")
    assert build_analyzer({"type": "thai", "stop_words": ["b"]}).tokens("แมว และ A b ๑๒") == [
        "แมว",
        "a",
        "12",
    ]


def test_the_arabic_analyzer_stems_what_it_made_plain():
    tokens = build_analyzer({"type": "arabic"}).tokens("الكِتَابُ في ٣")
    assert tokens == build_analyzer({"type": "arabic"}).tokens("كتاب 3")
    assert build_analyzer({"type": "arabic", "stop_words": ["3"]}).tokens("٣") == []


@pytest.mark.parametrize(
    ("delimiters", "expected"),
    [
        (["-", "whitespace"], ["a", "b", "c,d2é", "x+y"]),
        (["punctuation", "whitespace"], ["a", "b", "c", "d2é", "x+y"]),
        (["symbol", "ascii_digit"], ["a-b c,d", "é x", "y"]),
        (["letter"], ["-", " ", ",", "2", " ", "+"]),
        (["ascii_letter", " "], ["-", ",", "2é", "+"]),
        (["digit", "ascii_whitespace", "ascii_punctuation"], ["a", "b", "c", "d", "é", "x", "y"]),
        ([], ["a-b c,d2é x+y"]),
    ],
)
def test_character_groups_cut_at_their_delimiters(delimiters, expected):
    spec = {"type": "char_group", "delimiters": delimiters}
    assert cut(spec, "a-b c,d2é x+y") == expected
    assert [place[3] for place in places(spec, "a-b c,d2é x+y")] == list(range(len(expected)))


def test_words_of_lindera_have_their_places():
    assert places(lindera(), f"a {JAPANESE}") == [
        ("a", 0, 1, 0, 1),
        ("日本語", 2, 11, 1, 1),
        ("を", 11, 14, 2, 1),
        ("勉強", 14, 20, 3, 1),
        ("する", 20, 26, 4, 1),
    ]


def test_lindera_takes_compounds_apart_when_told():
    assert cut(lindera(), "関西国際空港限定") == ["関西国際空港", "限定"]
    assert cut(lindera(mode="decompose"), "関西国際空港限定") == ["関西", "国際", "空港", "限定"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"kind": "japanese_stop_tags", "tags": ["助詞,格助詞,一般"]}, ["日本語", "勉強", "する"]),
        ({"kind": "japanese_stop_tags", "tags": ["助詞"]}, ["日本語", "を", "勉強", "する"]),
        ({"kind": "japanese_keep_tags", "tags": ["名詞,サ変接続", "動詞,自立"]}, ["勉強", "する"]),
        ({"kind": "japanese_compound_word", "tags": ["名詞,サ変接続", "動詞,自立"]},
         ["日本語", "を", "勉強する"]),
    ],
)  # fmt: skip
def test_filters_of_lindera_go_by_whole_tags(given, expected):
    assert cut(lindera(filter=[given]), JAPANESE) == expected


def test_korean_tags_have_one_level():
    given = {"kind": "korean_stop_tags", "tags": ["JKG", "JKO"]}
    text = "한국어의 형태해석을"
    assert cut(lindera(dict_kind="ko-dic"), text) == ["한국어", "의", "형태", "해석", "을"]
    assert cut(lindera(dict_kind="ko-dic", filter=[given]), text) == ["한국어", "형태", "해석"]


def test_lindera_serves_several_threads():
    analyzer = build_analyzer({"tokenizer": lindera()})
    with ThreadPoolExecutor(4) as pool:
        assert len(set(map(tuple, pool.map(analyzer.tokens, [JAPANESE] * 40)))) == 1


def test_a_text_goes_to_the_analyzer_of_its_language():
    pytest.importorskip("whatlang")
    analyzer = build_analyzer(
        {
            "tokenizer": {
                **identified("whatlang", English={"type": "english"}, de={"tokenizer": "standard"}),
                "mapping": {"German": "de"},
            }
        }
    )
    english, german = "The dogs are running in the gardens", "Die Hunde laufen, und zwar im Garten"
    assert analyzer.tokens(english) == ["dog", "run", "garden"]
    assert analyzer.tokens(german)[:4] == ["Die", "Hunde", "laufen", "und"]
    assert analyzer.tokens("Les chiens courent, dans les jardins")[2] == "courent,"
    assert analyzer.tokens("12, 3") == ["12,", "3"]
    batch = analyzer.analyze_many([english, german, ""], positions=True)
    assert batch.terms(0) == ["dog", "run", "garden"]
    assert len(batch.terms(2)) == 0
    assert [token.position for token in analyzer.detail(english)] == [1, 3, 6]


def test_a_language_that_is_not_sure_counts_for_nothing():
    pytest.importorskip("whatlang")
    sure = {"type": "whatlang", "confidence": 1}
    spec = identified(sure, English={"type": "english"})
    assert cut(spec, "The dogs are running") == ["The", "dogs", "are", "running"]


def test_lingua_names_languages_as_milvus_does(monkeypatch: pytest.MonkeyPatch):
    class Detector:
        def detect_language_of(self, text: str) -> Any:
            return type("Language", (), {"name": "CHINESE"}) if text else None

    class Builder:
        from_all_languages = staticmethod(lambda: type("B", (), {"build": staticmethod(Detector)}))

    library = type("lingua", (), {"LanguageDetectorBuilder": Builder})
    monkeypatch.setattr(identifier, "lingua", lambda: library)
    spec = identified("lingua", Chinese={"tokenizer": {"type": "char_group", "delimiters": ["气"]}})
    assert cut(spec, "今天天气很好") == ["今天天", "很好"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nothing", "unsupported tokenizer: nothing"),
        ("char_group", "char group tokenizer delimiters can't be empty"),
        ({"type": "char_group", "delimiters": "-"}, "delimiters must be a vector"),
        ({"type": "char_group", "delimiters": [1]}, "delimiter in delimiters must be string"),
        ({"type": "char_group", "delimiters": ["ab"]}, "ab not a char or name of build-in"),
        ("lindera", "lindera tokenizer must be customized"),
        ({"type": "lindera", "mode": "normal"}, "dict_kind must be set"),
        ({"type": "lindera", "dict_kind": "x"}, "unsupported lindera dict type: x"),
        ({"type": "lindera", "dict_kind": "ipadic", "mode": "x"}, "mode should be one of"),
        ({"type": "lindera", "dict_kind": "ipadic", "filter": [{"kind": "x"}]},
         "unknown lindera filter type: x"),
        ({"type": "lindera", "dict_kind": "ipadic",
          "filter": [{"kind": "korean_compound_word", "tags": []}]}, "unknown lindera filter type"),
        ({"type": "language_identifier"}, "analyzers should be a json map"),
        ({"type": "language_identifier", "analyzers": {}}, "must have default analyzer"),
        (identified("cld"), "unknown identifier name: cld"),
        (identified({"type": "whatlang", "confidence": 2}), "confidence should be a number from 0"),
        (identified("whatlang", English="english"), "analyzer English should be a json map"),
        (identified("whatlang", English={"type": "x"}), "unknown build-in analyzer type: x"),
        ({**identified("whatlang"), "mapping": {"German": "de"}}, "leads to unknown analyzer de"),
    ],
)  # fmt: skip
def test_what_a_tokenizer_does_not_take_is_refused(spec, message):
    with pytest.raises(ParamError, match=message) as caught:
        cut(spec, "x")
    assert caught.value.code == 1100


def test_a_dictionary_that_is_not_installed_is_named():
    with pytest.raises(NotSupportedError, match="dict_kind unidic is not in the installed package"):
        cut(lindera(dict_kind="unidic"), "x")


@pytest.mark.parametrize(
    ("module", "spec"),
    [
        ("lindera", {"type": "lindera", "dict_kind": "cc-cedict", "mode": "decompose"}),
        ("whatlang", identified("whatlang")),
        ("lingua", identified("lingua")),
    ],
)
def test_a_package_that_is_missing_is_named_with_its_extra(
    module, spec, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    getattr(libraries, module).cache_clear()
    with pytest.raises(ParamError, match=rf"pip install 'aiomilvus\[{module}\]'"):
        cut(spec, "x")
