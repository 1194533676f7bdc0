import pytest

from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.languages import build_multi_analyzer
from aiomilvus.errors import ParamError

PARAMS = {
    "by_field": "language",
    "analyzers": {"english": {"type": "english"}, "default": {"tokenizer": "whitespace"}},
    "alias": {"en": "english"},
}


def test_rows_are_analysed_by_the_language_they_name():
    multi = build_multi_analyzer(PARAMS)
    assert multi.by_field == "language"
    texts = ["Running dogs", "Running dogs", "Running dogs", "Running dogs"]
    rows = multi.term_frequencies(texts, ["english", "klingon", "en", None])
    english = build_analyzer({"type": "english"}).analyze_many(texts[:1]).term_frequencies()
    plain = build_analyzer({"tokenizer": "whitespace"}).analyze_many(texts[:1]).term_frequencies()
    for row, expected in enumerate([english, plain, english, plain]):
        assert rows.row(row)[0].tolist() == expected.indices.tolist()


def test_one_language_for_all_and_no_rows_at_all():
    multi = build_multi_analyzer(PARAMS)
    assert len(multi.term_frequencies(["a", "b"], ["en", "en"])) == 2
    assert len(multi.term_frequencies([], [])) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"by_field": None}, "by_field should be a string"),
        ({"analyzers": {"english": {}}}, "must have default analyzer"),
        ({"analyzers": []}, "analyzers should be a json map"),
        ({"alias": {"cn": "chinese"}}, "leads to unknown analyzer chinese"),
        ({"alias": 1}, "alias should be a json map"),
        ({"other": 1}, "unknown multi analyzer option key: other"),
        ({"analyzers": {"default": {"type": "x"}}, "alias": {}}, "unknown build-in analyzer"),
    ],
)
def test_wrong_parameters_are_refused(change, message):
    with pytest.raises(ParamError, match=message):
        build_multi_analyzer({**PARAMS, **change})


def test_text_that_is_no_json_is_refused():
    with pytest.raises(ParamError, match="multi analyzer params is no JSON"):
        build_multi_analyzer("{")
