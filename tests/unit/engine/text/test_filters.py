import pytest

from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.filters import STEMMER_LANGUAGES
from aiomilvus.errors import ParamError


def kept(filters, text, tokenizer="whitespace"):
    return build_analyzer({"tokenizer": tokenizer, "filter": filters}).tokens(text)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("lowercase", "Straße ÉA", ["straße", "éa"]),
        ("asciifolding", "Straße Éa", ["Strasse", "Ea"]),
        ("alphanumonly", "ab1 é c-d 中", ["ab1"]),
        ("cnalphanumonly", "ab, é 中x ?! 7", ["ab,", "中x", "7"]),
        ("cncharonly", "ab 中 文x é", ["中", "文x"]),
        ("removepunct", "a, ,! 。 $ b", ["a,", "$", "b"]),
    ],
)
def test_plain_filters(name, text, expected):
    assert kept([name], text) == expected
    assert kept([{"type": name}], text) == expected


def test_digits_of_any_script_become_ascii():
    assert kept(["decimaldigit"], "٣४५ ๑๒ ７x ½ ²") == ["345", "12", "7x", "½", "²"]


def test_arabic_letters_and_signs_are_made_one_form():
    assert kept(["arabic_normalization"], "أَحْمَد مدرسة على كـتاب ـ") == [
        "احمد",
        "مدرسه",
        "علي",
        "كتاب",
    ]


def test_pinyin_gives_the_token_and_its_readings():
    pytest.importorskip("pypinyin")
    assert kept(["pinyin"], "中文 ab") == ["中文", "zhong", "wen", "ab"]
    everything = {"keep_joined_full_pinyin": True, "keep_separate_first_letter": True}
    only = {"type": "pinyin", "keep_original": False, "keep_full_pinyin": False, **everything}
    assert kept([only], "中文x ab") == ["zhongwen", "zw"]


@pytest.mark.parametrize(
    ("rules", "expand", "text", "expected"),
    [
        (["car, auto => vehicle"], True, "car auto bus", "car vehicle auto vehicle bus"),
        (["car, auto => vehicle"], False, "car auto bus", "vehicle vehicle bus"),
        (["tv, television, telly"], True, "telly", "tv television telly"),
        (["tv, television, telly"], False, "telly tv", "tv tv"),
        (["a => b", "a => c"], False, "a", "b c"),
        ([r"a\,b => x\=>y", r"c\\d, e"], False, r"a,b e", r"x=>y c\d"),
        ([], True, "a", "a"),
    ],
)
def test_synonyms_replace_tokens_or_stand_beside_them(rules, expand, text, expected):
    spec = {"type": "synonym", "synonyms": rules, "expand": expand}
    assert kept([spec], text) == expected.split()


def test_a_synonym_may_hold_a_blank_and_expands_unless_told_otherwise():
    assert kept([{"type": "synonym", "synonyms": [r"nyc => new\ york"]}], "nyc") == [
        "nyc",
        "new york",
    ]


def test_synonyms_of_one_token_stand_at_its_place():
    spec = {"type": "synonym", "synonyms": ["b, c"]}
    analyzer = build_analyzer({"tokenizer": "whitespace", "filter": [spec]})
    told = [(token.term, token.position, token.start_offset) for token in analyzer.detail("a b")]
    assert told == [("a", 0, 0), ("b", 1, 2), ("c", 1, 2)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"max": 3}, ["a", "bcd"]),
        ({"min": 2}, ["bcd", "éé", "efghi"]),
        ({"min": 2, "max": 3}, ["bcd"]),
    ],
)
def test_length_counts_bytes(options, expected):
    assert kept([{"type": "length", **options}], "a bcd éé efghi") == expected


def test_stop_takes_own_words_and_named_lists_together():
    stop = {"type": "stop", "stop_words": ["_english_", "_german_", "cat"]}
    assert kept([stop], "the und cat _english_ dog") == ["_english_", "dog"]


def test_stop_is_case_sensitive_like_its_list():
    assert kept([{"type": "stop", "stop_words": ["_english_"]}], "The the") == ["The"]


def test_a_word_that_only_looks_like_a_list_is_a_word():
    assert kept([{"type": "stop", "stop_words": ["_draft_"]}], "_draft_ draft") == ["draft"]


def test_chinese_stop_words_come_from_their_package():
    pytest.importorskip("stopwordsiso")
    assert kept([{"type": "stop", "stop_words": ["_chinese_"]}], "的 北京") == ["北京"]


@pytest.mark.parametrize("language", sorted(STEMMER_LANGUAGES))
def test_every_stemmer_language_builds(language):
    assert len(kept([{"type": "stemmer", "language": language}], "word")) == 1


@pytest.mark.parametrize(
    ("language", "word", "stem"),
    [
        ("english", "running", "run"),
        ("German", "katzen", "katz"),
        ("french", "mangeons", "mangeon"),
        # Where Snowball 3 differs: terms that are stored would no longer be found.
        ("english", "added", "ad"),
        ("dutch", "afgelopen", "afgelop"),
        ("finnish", "näissähin", "näissähin"),
        ("german", "hattet", "hattet"),
        ("romanian", "aceşti", "aceşt"),
        ("russian", "всё", "всё"),
        ("swedish", "litet", "litet"),
    ],
)
def test_stemmers_stem(language, word, stem):
    assert kept([{"type": "stemmer", "language": language}], word) == [stem]


def test_decompounder_splits_words_made_of_listed_ones_only():
    split = {"type": "decompounder", "word_list": ["bank", "note"]}
    assert kept([split], "banknote banknotes note") == ["bank", "note", "banknotes", "note"]


def test_parts_of_a_compound_share_position_and_offsets():
    split = {"type": "decompounder", "word_list": ["bank", "note"]}
    analyzer = build_analyzer({"tokenizer": "whitespace", "filter": [split]})
    places = [
        (t.term, t.start_offset, t.end_offset, t.position) for t in analyzer.detail("a banknote")
    ]
    assert places == [("a", 0, 1, 0), ("bank", 2, 10, 1), ("note", 2, 10, 1)]
    batch = analyzer.analyze_many(["a banknote b"], positions=True)
    assert batch.positions is not None
    assert batch.positions.tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("^a", ["ab", "a"]),
        ("b", ["ab", "cb"]),
        (r"^\p{L}$", ["a", "é"]),
        ("^(?!a)", ["cb", "é"]),
        (r"(.)\1", []),
        ("", ["ab", "cb", "a", "é"]),
    ],
)
def test_regex_keeps_tokens_in_which_it_is_found(expression, expected):
    assert kept([{"type": "regex", "expr": expression}], "ab cb a é") == expected


def test_filters_run_in_the_order_given():
    stop = {"type": "stop", "stop_words": ["the"]}
    assert kept(["lowercase", stop], "The cat") == ["cat"]
    assert kept([stop, "lowercase"], "The cat") == ["the", "cat"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("sparkle", "filter not found :sparkle"),
        ({"max": 1}, "filter type should be a string"),
        ({"type": "lowercase", "x": 1}, "unknown lowercase filter option key: x"),
        ({"type": "length"}, "max param was none"),
        ({"type": "length", "max": -1}, "unsigned integer"),
        ({"type": "length", "max": 1.5}, "unsigned integer"),
        ({"type": "length", "max": True}, "unsigned integer"),
        ({"type": "length", "min": 5, "max": 2}, "at least min"),
        ({"type": "stop", "stop_words": "the"}, "should be array"),
        ({"type": "stop", "words": []}, "unknown stop filter option key"),
        ({"type": "stemmer"}, "language should be a string"),
        ({"type": "stemmer", "language": "latin"}, "unsupport language: latin"),
        ({"type": "decompounder", "word_list": []}, "is empty"),
        ({"type": "decompounder"}, "is empty"),
        ({"type": "regex"}, "expr should be a string"),
        ({"type": "regex", "expr": "("}, "regex expression invalid"),
        ({"type": "regex", "expr": "a)(b"}, "regex expression invalid"),
        ({"type": "regex", "expr": "a)|(?:b"}, "regex expression invalid"),
        ("stop_words", "filter not found"),
        ({"type": "decimaldigit", "x": 1}, "unknown decimaldigit filter option key: x"),
        ({"type": "pinyin", "keep_original": 1}, "keep_original should be a boolean"),
        ({"type": "pinyin", "keep": True}, "unknown pinyin filter option key: keep"),
        ({"type": "synonym", "synonyms": "a, b"}, "synonyms should be array"),
        ({"type": "synonym", "expand": "yes"}, "expand should be a boolean"),
        ({"type": "synonym", "synonyms": ["a => b => c"]}, 'has more than one "=>" in a => b => c'),
        ({"type": "synonym", "synonyms": ["a b, c"]}, "has space between words a b, c"),
        ({"type": "synonym", "synonyms": [r"a\b"]}, r"invalid synonym escaped: .+b in a"),
        ({"type": "synonym", "synonyms": ["a\\"]}, "invalid synonym escaped in the end"),
    ],
)
def test_wrong_filters_are_refused(spec, message):
    with pytest.raises(ParamError, match=message) as caught:
        kept([spec], "x")
    assert caught.value.code == 1100
