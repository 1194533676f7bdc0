"""What Milvus refuses is refused in Milvus' words, with its code, at the right place."""
# ruff: noqa: E501 - a table reads better in long lines

from __future__ import annotations

import pytest

from aiomilvus.errors import ExpressionError
from aiomilvus.expr.bind.binder import compile_filter
from tests.support.filters import SCHEMA, STATIC

HEAD = "failed to create query plan: cannot parse expression: {}, error: {}"


def message(text: str, **params: object) -> str:
    with pytest.raises(ExpressionError) as caught:
        compile_filter(text, STATIC, params)
    assert caught.value.code == 1100
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        # names
        ("nope == 1", "field nope not exist"),
        ("middle == null", "NULL literal is not supported in expressions"),
        ("vector == 1", "comparisons between FloatVector and Int64 are not supported"),
        ("vector is null", "IsNull/IsNotNull operations are not supported on vector fields"),
        ("chunks == 1", "field chunks not exist"),
        ("chunks[nope] == 1", "field chunks[nope] not exist"),
        ("$meta['a'] == 1", "field $meta not exist"),
        # comparisons
        ("text == 1", "comparisons between VarChar and Int64 are not supported"),
        ("1 < text", "comparisons between Int64 and VarChar are not supported"),
        ("flag == 1", "comparisons between Bool and Int64 are not supported"),
        ("middle == true", "comparisons between Int32 and Bool are not supported"),
        ("middle == 1.5", "cannot cast value to Int32, value: float_val:1.5"),
        ("middle == text", "comparisons between Int32 and VarChar are not supported"),
        ("shape == 'POINT (1 1)'", "comparisons between Geometry and VarChar are not supported"),
        ("moment == '2025-01-01'", "comparisons between Timestamptz and VarChar are not supported"),
        ("meta['a'] == middle", "two column comparison with JSON type is not supported"),
        ("meta['a'] == meta['b']", "two column comparison with JSON type is not supported"),
        ("meta['a'] + 1 == middle", "two column comparison with JSON type is not supported"),
        ("meta['a'] > [1]", "comparisons between JSON and Array are not supported"),
        ("'a' == 1", "comparison operations cannot be applied to two incompatible operands: 'a' == 1"),
        ("(middle > 1) == 2", "comparisons between Bool and Int64 are not supported"),
        ("1 < middle + 1 < 3", "comparisons between Bool and Int64 are not supported"),
        ("(middle > 1) == (big > 1)", "only comparison between two fields is supported"),
        ("numbers > [1]", "can not comparisons array fields directly"),
        ("numbers == numbers", "can not comparisons array fields directly"),
        ("numbers == ['a']", "comparisons between Array[Int64] and Array[VarChar] are not supported"),
        ("numbers == 1", "cannot cast value to Array, value: int64_val:1"),
        ("numbers['a'] == 1", "can only access array field with integer index"),
        ("numbers[0][1] == 1", "can only access array field with integer index"),
        ("middle[0] == 1", "Int32 data type not supported accessed with []"),
        ("meta[a] == 1", 'json key must be enclosed in double quotes or single quotes: "a"'),
        # ranges
        ("5 < middle < 1", "invalid range: lowerbound is greater than upperbound"),
        ("1 < middle < 1", "invalid range: lowerbound is greater than upperbound"),
        ("1.5 < middle < 3", "invalid range operations"),
        ("'a' < middle < 'b'", "invalid range operations"),
        ("1 < text < 2", "invalid range operations"),
        ("false < flag < true", "invalid range operations on boolean expr"),
        ("1 < meta['a'] < 'b'", "invalid range operations"),
        ("big < middle < 3", "lowerbound cannot be a non-const expression: big"),
        ("1 < middle < big", "upperbound cannot be a non-const expression: big"),
        ("1 < numbers < 3", "can not comparisons array fields directly"),
        # lists
        ("middle in [1.5]", "value 'float_val:1.5' in list cannot be casted to Int32"),
        ("middle in ['a']", "value 'string_val:\"a\"' in list cannot be casted to Int32"),
        ("text in [1]", "value 'int64_val:1' in list cannot be casted to VarChar"),
        ("flag in [1]", "value 'int64_val:1' in list cannot be casted to Bool"),
        ("middle in 5", "the right-hand side of 'in' must be a list, but got: 5"),
        ("middle in big", "value 'big' in list cannot be a non-const expression"),
        ("middle in [big]", "array element type must be generic value, but got: big"),
        ("1 in [1]", "'term' can only be used on non-const expression, but got: 1"),
        ("middle + 1 in [1]", "'term' can only be used on single field, but got: middle + 1"),
        # patterns
        (r"text like 'abc\\'", "invalid like pattern, nothing follows its last backslash"),
        ("middle like 'a'", "like operation on non-string or no-json field is unsupported"),
        ("'a' like 'a'", "the left operand of like is invalid"),
        ("middle + 1 like 'a'", "the left operand of like is invalid"),
        ("(middle + 1) like 'a'", "like operation on complicated expr is unsupported"),
        ("tags like 'a'", "can not comparisons array fields directly"),
        ("middle =~ 'a'", "regex match on non-string or non-json field is unsupported"),
        ("text =~ 'a('", "invalid regex pattern"),
        # arithmetic
        ("middle + 'a' == 1", "'add' cannot perform arithmetic between Int32 field and VarChar"),
        ("middle - 1.5 == 1", "'subtract' cannot perform arithmetic between Int32 field and Double"),
        ("2 * text == 1", "'multiply' cannot perform arithmetic between VarChar field and Int64"),
        ("double % 2 == 1", "modulo can only apply on integer types"),
        ("(double & 2) == 1", "bitwise operations can only apply on integer types"),
        ("middle / 0 == 1", "division or modulus by zero"),
        ("double / 0.0 == 1", "division or modulus by zero"),
        ("middle ** 2 == 4", "power can only apply on constants: middle ** 2"),
        ("middle << 64 == 4", "shift by 64 is out of range: [0, 63]"),
        ("meta['a'] + middle == 4", "not supported to do arithmetic operations between multiple"),
        ("numbers + 1 == 4", "can not comparisons array fields directly"),
        ("(middle > 1) + 1 == 2", "invalid arithmetic expression, left: middle > 1"),
        ("meta['a'] + 1 == 'a'", "comparisons between Int64 and VarChar are not supported"),
        ("1 / 0 == 1", "cannot divide by zero"),
        ("1 % 0 == 1", "cannot modulo by zero"),
        ("1.5 % 2 == 1", "modulo can only apply on integer"),
        ("9223372036854775807 + 1 == 1", "integer 9223372036854775808 is out of range"),
        ("middle == 9223372036854775808", "integer 9223372036854775808 is out of range"),
        ("2 ** 5000 == 1", "the result of '**' on constants is out of range"),
        ("-text == 'a'", "'subtract' cannot perform arithmetic between VarChar field and Int64"),
        # logic
        ("flag and true", "'and' can only be used between boolean expressions"),
        ("middle or true", "'or' can only be used between boolean expressions"),
        ("not flag", "not op can only be applied on boolean expression"),
        ("not middle == 1", "not op can only be applied on boolean expression"),
        # tests
        ("exists text", "exists operations are only supportted on json field, got:VarChar"),
        ("exists meta", "exists operations are only supportted on json key"),
        ("exists (middle + 1)", "exists operations are only supported on single fields now"),
        ("numbers[0] is null", "IsNull/IsNotNull operations are not supported on array element"),
        # functions
        ("nofunction(text)", "function nofunction not exist"),
        ("membership_match(text, 'x')",
         "the second argument of membership_match must be a {template} placeholder carrying a client"),
        ("array_contains(middle, 1)", "contains operation are only supported on json or array fields"),
        ("array_contains(numbers, 'a')", 'cannot cast value to Int64, value: string_val:"a"'),
        ("array_contains(numbers, big)", "contains operation are only supported explicitly specified"),
        ("array_contains_all(numbers, 1)", "ContainsAll operation element must be an array"),
        ("array_contains_any(tags, [1])",
         "ContainsAny operation can't compare between array element type: VarChar and Int64"),
        ("array_contains(numbers)", "array_contains takes 2 arguments, got 1"),
        ("array_length(text) == 1", "array_length operation are only supported on json or array"),
        ("array_length(numbers, 1) == 1", "array_length takes one argument"),
        ("text_match(middle, 'a')", "text match operation on non-string is unsupported"),
        ("text_match(other, 'a')", 'field "other" does not enable match'),
        ("text_match(text, 5)", "text_match query should be a string literal or template variable"),
        ("text_match(text, 'a', minimum_should_match=0)", "minimum_should_match should be >= 1, got 0"),
        ("text_match(text, 'a', minimum_should_match=1001)",
         "minimum_should_match should be <= 1000, got 1001"),
        ("text_match(text, 'a', minimum=1)", "invalid option 'minimum' for text_match"),
        ("phrase_match(text, 'a', -1)", '"slop" should not be a negative interger. "slop" passed: -1'),
        ("phrase_match(text, 'a', 4294967296)", '"slop" exceeds the range of "uint32"'),
        ("phrase_match(text, 'a', 1.5)", '"slop" should be a const integer expression'),
        ("text_match_fuzzy(text, 'a')", "text_match_fuzzy needs the option max_edit_distance"),
        ("text_match_fuzzy(text, 'a', max_edit_distance=3)",
         "max_edit_distance should be in [0, 2], got 3"),
        ("random_sample(1)", "the sample factor should be between 0 and 1"),
        ("random_sample(1.0)", "the sample factor should be between 0 and 1"),
        ("random_sample(0.0)", "the sample factor should be between 0 and 1"),
        ("random_sample(middle)", '"float factor" should be a const float expression'),
        ("random_sample(0.5) and middle > 1", "random sample expression can only be the last"),
        ("middle > 1 or random_sample(0.5)", "random sample expression cannot be used in logical and"),
        ("not random_sample(0.5)", "random sample expression cannot be used in unary expression"),
        ("empty(middle)", "empty is only supported on varchar fields"),
        ("starts_with(text, 5)", "starts_with prefix should be a string literal"),
        # moments
        ("moment > iso 'yesterday'", "invalid timestamp string: 'yesterday'"),
        ("moment + interval '1D' > iso '2025-01-01'", "invalid ISO 8601 duration: 1D"),
        ("moment + interval 'P99999Y' > iso '2025-01-01'", "interval of 1199988 months is out of"),
        ("middle + interval 'P1D' > 1", "an interval can only be added to a timestamptz field"),
        ("interval 'P1D' == 1", "an interval can only be added to a timestamptz field"),
        ("moment * interval 'P1D' > iso '2025-01-01'", "an interval can only be added to a"),
        # geometry
        ("st_within(text, 'POINT (1 1)')", "spatial operation are only supported on geometry fields"),
        ("st_within(shape, 'PINT (1 1)')", "invalid WKT 'PINT (1 1)'"),
        ("st_dwithin(shape, 'LINESTRING (1 1, 2 2)', 1)", "only supports POINT geometry"),
        ("st_dwithin(shape, 'POINT (1 1)', -1)", "distance parameter must be non-negative, got: -1."),
        ("st_dwithin(shape, 'POINT (1 1)', 'a')", "distance parameter must be a numeric value"),
        ("st_within(shape, 'POINT (inf 1)')", "invalid WKT 'POINT (inf 1)'"),
        ("st_isvalid(text)", "STIsValid operation are only supported on geometry fields"),
        # elements
        ("match_any(text, $ > 1)", "match_any is only supported on array fields and arrays of structs"),
        ("match_any(chunks, middle > 1)", "field middle cannot be used inside match_any"),
        ("match_any(chunks, $ > 1)", "invalid element reference: $"),
        ("match_any(numbers, $[page] > 1)", "invalid element reference: $[page]"),
        ("match_any(chunks, $[nope] > 1)", "field chunks[nope] not exist"),
        ("match_any(chunks, $[vec] > 1)", "filter on vector field (chunks[vec]) is not supported"),
        ("match_any(chunks, true)", "the predicate of match_any must be about $[sub_field]"),
        ("match_any(chunks, $[page])", "predicate is not a boolean expression: $[page]"),
        ("match_any(chunks, match_any(chunks, $[page] > 1))", "match_any cannot be nested inside"),
        ("match_any(chunks, random_sample(0.5))", "the sample factor should be"),
        ("match_least(chunks, $[page] > 1)", "MATCH_LEAST needs a threshold"),
        ("match_least(chunks, $[page] > 1, threshold=0)", "threshold in MATCH_LEAST must be positive: 0"),
        ("match_most(chunks, $[page] > 1, threshold=-1)",
         "threshold in MATCH_MOST must be non-negative: -1"),
        ("match_exact(chunks, $[page] > 1, threshold=1.5)", "threshold in MATCH_EXACT must be an integer"),
        ("$[page] > 1", "$[page] can only be used inside element_filter or match functions"),
        ("middle > 1 or element_filter(chunks, $[page] > 1)",
         "element_filter cannot be used in logical or expression"),
        ("not element_filter(chunks, $[page] > 1)", "element_filter cannot be used in unary expression"),
        ("element_filter(chunks, $[page] > 1) and element_filter(chunks, $[page] < 9)",
         "element_filter can only be used once"),
    ],
)  # fmt: skip
def test_the_cause_is_worded_as_milvus_words_it(text: str, cause: str) -> None:
    assert message(text).startswith(HEAD.format(text, cause))


@pytest.mark.parametrize(
    ("text", "dtype"),
    [("middle", "Int32"), ("flag", "Bool"), ("middle + 1", "Int64"), ("5", "Int64"),
     ("'a'", "VarChar"), ("numbers", "Array"), ("meta", "JSON"), ("[1]", "Array"),
     ("vector", "FloatVector")],
)  # fmt: skip
def test_a_filter_that_is_a_value_is_refused_with_its_type(text: str, dtype: str) -> None:
    wanted = "failed to create query plan: predicate is not a boolean expression: "
    assert message(text).startswith(f"{wanted}{text}, data type: {dtype}")


def test_a_missing_parameter_is_named() -> None:
    assert message("middle == {x}", y=1).startswith(
        "failed to create query plan: the value of expression template variable name {x} is not found"
    )


@pytest.mark.parametrize(
    ("text", "value", "cause"),
    [
        ("middle == {x}", "a", 'cannot cast value to Int32, value: string_val:"a"'),
        ("middle == {x}", 2**63, "integer 9223372036854775808 is out of range"),
        ("middle == {x}", {"a": 1}, "a value of type dict cannot be used in a filter"),
        ("middle == {x}", b"a", "a value of type bytes cannot be used in a filter"),
        ("text == {x}", "\ud800", "a text with half a surrogate pair cannot be used in a filter"),
        ("middle in {x}", 5, "the value of term expression template variable {x} is not array"),
        ("middle in {x}", [1, "a"], "value 'string_val:\"a\"' in list cannot be casted to Int32"),
        ("text like {x}", 5, "the value of like expression template variable {x} is not string"),
        ("text =~ {x}", 5, "the value of regex expression template variable {x} is not string"),
        ("text =~ {x}", "(", "invalid regex pattern"),
        ("moment > {x}", "soon", "invalid timestamp string: 'soon'"),
    ],
)  # fmt: skip
def test_a_parameter_of_the_wrong_kind_is_refused(text: str, value: object, cause: str) -> None:
    assert message(text, x=value).startswith(HEAD.format(text, cause))


def test_a_delete_says_that_its_plan_failed() -> None:
    with pytest.raises(ExpressionError, match="failed to create delete plan: cannot parse"):
        compile_filter("nope == 1", STATIC, plan="delete")


def test_with_a_dynamic_field_an_unknown_name_is_a_key() -> None:
    assert compile_filter("nope == 1", SCHEMA).columns == {"$meta"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("colour == red", "red"),
        ("text == red", "red"),
        ("red != text", "red"),
        ("middle < red", "red"),
        ("text in [red]", "red"),
        ("colour in ['blue', red]", "red"),
    ],
)
def test_with_a_dynamic_field_a_word_without_quotes_is_told_how_to_be_a_text(
    text: str, word: str
) -> None:
    with pytest.raises(ExpressionError, match=f"if it is a text, quote it: '{word}'"):
        compile_filter(text, SCHEMA)


def test_two_columns_of_json_are_told_nothing_of_quotes() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_filter("meta['a'] == meta['b']", SCHEMA)
    assert "quote" not in caught.value.message
