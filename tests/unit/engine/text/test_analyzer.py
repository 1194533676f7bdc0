import tracemalloc
import zlib

import pytest

from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.errors import ParamError

TEXT = "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone."


def terms(params, text=TEXT):
    return build_analyzer(params).tokens(text)


def test_without_parameters_the_standard_analyzer_cuts_at_punctuation_and_lowercases():
    expected = ["the", "2", "quick", "brown", "foxes", "jumped", "over", "the", "lazy"]
    expected += ["dog", "s", "bone"]
    assert terms(None) == terms("") == terms({}) == terms({"type": "standard"}) == expected
    assert terms({"type": "standard", "filter": ["lowercase"]}) == expected


def test_english_stems_and_then_drops_stop_words():
    assert terms({"type": "english"}, "There are running dogs") == ["run", "dog"]
    assert terms({"type": "english", "stop_words": ["dog"]}, "running dogs") == ["run"]


def test_chinese_segments_words_and_drops_punctuation():
    assert terms({"type": "chinese"}, "我来到北京，清华大学!") == [
        "我",
        "来到",
        "北京",
        "清华",
        "华大",
        "大学",
        "清华大学",
    ]


def test_the_standard_tokenizer_alone_keeps_case():
    assert terms({"tokenizer": "standard"}, "Big-Cat") == ["Big", "Cat"]


def test_whitespace_cuts_at_ascii_white_space_only():
    text = "a,b\tc\u3000d \x0be\n"
    assert terms({"tokenizer": "whitespace"}, text) == ["a,b", "c\u3000d", "\x0be"]


def test_icu_keeps_punctuation_and_spaces_until_removepunct():
    pytest.importorskip("icu4py")
    assert terms({"tokenizer": "icu"}, "Как дела?") == ["Как", " ", "дела", "?"]
    assert terms({"tokenizer": "icu", "filter": ["removepunct"]}, "Как дела?") == ["Как", "дела"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("exact", ["清华大学"]), ("search", ["清华", "华大", "大学", "清华大学"])],
)
def test_jieba_modes(mode, expected):
    assert terms({"tokenizer": {"type": "jieba", "mode": mode}}, "清华大学") == expected


def test_jieba_knows_only_its_dict_unless_default_is_in_it():
    def with_dict(*words):
        tokenizer = {"type": "jieba", "dict": list(words), "mode": "exact", "hmm": False}
        return terms({"tokenizer": tokenizer}, "结巴分词器测试")

    assert with_dict("结巴分词器") == ["结巴分词器", "测", "试"]
    assert with_dict("_default_", "结巴分词器") == ["结巴分词器", "测试"]
    assert with_dict() == list("结巴分词器测试")


def test_detail_places_terms_by_bytes_and_by_rank():
    analyzer = build_analyzer({"tokenizer": "standard", "filter": ["lowercase"]})
    found = analyzer.detail("Über-Größe, 中文 ok")
    assert [t.term for t in found] == ["über", "größe", "中文", "ok"]
    raw = "Über-Größe, 中文 ok".encode()
    cut = [raw[t.start_offset : t.end_offset].decode() for t in found]
    assert cut == ["Über", "Größe", "中文", "ok"]
    assert [t.position for t in found] == [0, 1, 2, 3]
    assert {t.position_length for t in found} == {1}
    assert found[0].hash == zlib.crc32("über".encode()) % (2**32 - 1)


def test_detail_counts_positions_in_characters_under_jieba():
    found = build_analyzer({"tokenizer": "jieba"}).detail("a清华大学")
    assert [
        (t.term, t.start_offset, t.end_offset, t.position, t.position_length) for t in found
    ] == [
        ("a", 0, 1, 0, 1),
        ("清华", 1, 7, 1, 2),
        ("华大", 4, 10, 2, 2),
        ("大学", 7, 13, 3, 2),
        ("清华大学", 1, 13, 1, 4),
    ]


def test_dropped_tokens_leave_gaps_in_positions():
    found = build_analyzer({"type": "english"}).detail("cats of dogs")
    assert [(t.term, t.position) for t in found] == [("cat", 0), ("dog", 2)]


def test_analyze_many_returns_each_text_apart():
    batch = build_analyzer({"type": "english"}).analyze_many(
        ["The cats", "", "and", "dogs, é cats\0x"], positions=True
    )
    assert [batch.terms(i) for i in range(len(batch))] == [
        ["cat"],
        [],
        [],
        ["dog", "é", "cat", "x"],
    ]
    assert batch.positions is not None
    assert batch.positions.tolist() == [1, 0, 1, 2, 3]


def test_analyze_many_of_nothing_is_empty():
    batch = build_analyzer(None).analyze_many([])
    assert len(batch) == 0
    assert len(batch.term_frequencies()) == 0


def test_term_frequencies_count_and_sort_by_hash():
    row = build_analyzer(None).analyze_many(["b a b", ""]).term_frequencies()
    expected = sorted([(zlib.crc32(b"a"), 1.0), (zlib.crc32(b"b"), 2.0)])
    assert list(zip(row.indices.tolist(), row.values.tolist(), strict=True)) == expected
    assert row.indptr.tolist() == [0, 2, 2]


def test_a_long_term_is_hashed_by_its_first_hundred_bytes():
    token = build_analyzer(None).detail("a" * 150)[0]
    assert token.hash == zlib.crc32(b"a" * 100) % (2**32 - 1)


def test_frequencies_of_a_query_agree_with_the_bulk_path():
    analyzer = build_analyzer({"type": "english"})
    terms_of_query, counts = analyzer.frequencies("dogs and dog cats")
    row = analyzer.analyze_many(["dogs and dog cats"]).term_frequencies()
    assert terms_of_query.tolist() == row.indices.tolist()
    assert counts.tolist() == row.values.tolist()


def test_equal_parameters_share_one_analyzer():
    params = {"filter": ["lowercase"], "tokenizer": "standard"}
    text = '{"tokenizer": "standard", "filter": ["lowercase"]}'
    assert build_analyzer(params) is build_analyzer(text)


def test_a_full_vocabulary_is_replaced_without_changing_answers(monkeypatch):
    monkeypatch.setattr("aiomilvus.engine.text.analyzer._VOCABULARY_BYTES", 1_400)  # four words
    analyzer = build_analyzer({"tokenizer": "standard", "filter": [{"type": "length", "max": 99}]})
    first = analyzer.analyze_many(["a b c d e f"])
    second = analyzer.analyze_many(["f e d"])
    assert first.vocabulary is not second.vocabulary
    assert first.terms(0) == ["a", "b", "c", "d", "e", "f"]
    assert second.terms(0) == ["f", "e", "d"]


def test_what_is_remembered_of_words_is_counted_in_bytes():
    words = [f"word{n}" for n in range(5_000)]
    vocabulary = build_analyzer({"type": "english"})._current_vocabulary()
    before = vocabulary.nbytes
    tracemalloc.start()
    try:
        for word in words:
            vocabulary[word.encode()]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / 2 < vocabulary.nbytes - before < taken * 2


def test_lone_surrogates_are_refused():
    analyzer = build_analyzer(None)
    for call in (analyzer.tokens, analyzer.detail, lambda text: analyzer.analyze_many([text])):
        with pytest.raises(ParamError, match="not valid UTF-8"):
            call("a\ud800")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"type": "klingon"}, "unknown build-in analyzer type: klingon"),
        ({"type": 7}, "type should be a string"),
        ({"type": "english", "filter": []}, "unknown english analyzer option key: filter"),
        (
            {"type": "standard", "filter": ["stemmer"]},
            "unknown standard analyzer option key: filter",
        ),
        ({"type": "english", "stop_words": "a"}, "stop_words should be array"),
        ({"type": "english", "stop_words": [1]}, "list item should be string"),
        ({"filter": ["lowercase"]}, "tokenizer name or type must be set"),
        ({"tokenizer": "standard", "colour": 1}, "unknown analyzer option key: colour"),
        ({"tokenizer": "telepathy"}, "unsupported tokenizer: telepathy"),
        ({"tokenizer": 3}, "tokenizer name should be string or dict"),
        ({"tokenizer": {"mode": "exact"}}, "tokenizer type should be a string"),
        ({"tokenizer": {"type": "standard", "x": 1}}, "unknown standard tokenizer option key: x"),
        ({"tokenizer": {"type": "jieba", "mode": "fast"}}, "mode must be"),
        ({"tokenizer": {"type": "jieba", "hmm": "yes"}}, "hmm should be a boolean"),
        ({"tokenizer": {"type": "jieba", "dict": "x"}}, "dict should be array"),
        ({"tokenizer": "standard", "filter": "lowercase"}, "filter params should be array"),
        ({"tokenizer": "standard", "filter": [1]}, "a filter should be a string or an object"),
        ("[1]", "params should be a json map"),
        ("{", "analyzer params is no JSON"),
        ({"tokenizer": object()}, "params should be a json map"),
    ],
)
def test_what_can_not_be_served_is_refused(params, message):
    with pytest.raises(ParamError, match=message) as caught:
        build_analyzer(params)
    assert caught.value.code == 1100
