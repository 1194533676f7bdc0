"""Errors to Status and back."""

from __future__ import annotations

import pytest
from pymilvus import MilvusException as PymilvusException
from pymilvus.client.utils import check_status as pymilvus_check
from pymilvus.exceptions import SchemaMismatchRetryableException as PymilvusMismatch
from pymilvus.grpc_gen import common_pb2

from aiomilvus import errors
from aiomilvus.wire.codec import status as codec
from aiomilvus.wire.proto import messages


def as_pymilvus(status):
    return common_pb2.Status.FromString(status.SerializeToString())


@pytest.mark.parametrize("code", sorted(errors._BY_CODE))
def test_every_registered_error_survives(code):
    error = errors.error_for(code, "what was wrong")
    status = codec.write_status(error)
    assert status.code == code
    back = codec.read_status(status)
    assert type(back) is type(error)
    assert back is not None
    assert (back.code, back.message, back.compatible_code, back.retriable) == (
        error.code,
        error.message,
        error.compatible_code,
        error.retriable,
    )


@pytest.mark.parametrize("again", [False, True])
def test_whether_to_ask_a_model_again_survives(again):
    back = codec.read_status(codec.write_status(errors.ModelError(message="m", retriable=again)))
    assert isinstance(back, errors.ModelError)
    assert back.retriable is again


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for code, wider in errors._BY_CODE.items()
        for kind in wider.__subclasses__()
        if kind.__module__ == errors.__name__ and kind.default_code == code
    ],
)
def test_an_error_that_shares_its_code_keeps_its_class(kind):
    back = codec.read_status(codec.write_status(kind(message="what was wrong")))
    assert back is not None
    assert (type(back), back.message) == (kind, "what was wrong")


@pytest.mark.parametrize("name", ["DataCorruptedError", "MilvusException", "open", ""])
def test_a_class_that_does_not_belong_to_the_code_is_not_taken(name):
    status = messages.Status(code=errors.ErrorCode.INVALID_PARAMETER, reason="what was wrong")
    status.extra_info["aiomilvus-error"] = name
    assert type(codec.read_status(status)) is errors.ParamError


@pytest.mark.parametrize("code", sorted(errors._BY_CODE))
def test_pymilvus_raises_it_with_the_same_code_and_text(code):
    status = as_pymilvus(codec.write_status(errors.error_for(code, "what was wrong")))
    if code == errors.ErrorCode.SCHEMA_MISMATCH:
        with pytest.raises(PymilvusMismatch):
            pymilvus_check(status)
        return
    with pytest.raises(PymilvusException) as caught:
        pymilvus_check(status)
    assert (caught.value.code, caught.value.message) == (code, "what was wrong")
    assert caught.value.retriable == errors.error_for(code, "").retriable


@pytest.mark.parametrize("legacy", list(errors.LegacyCode))
def test_legacy_codes_are_the_protocols(legacy):
    theirs = common_pb2.ErrorCode.Name(legacy)
    ours = legacy.name.replace("_", "").lower()
    assert theirs.lower() == ours


def test_success_is_no_error():
    assert codec.read_status(codec.success()) is None
    assert codec.read_status(messages.Status()) is None
    codec.check_status(codec.success(7))
    pymilvus_check(as_pymilvus(codec.success()))
    assert codec.success().SerializeToString() == b""


@pytest.mark.parametrize(
    ("legacy", "expected"),
    [
        (common_pb2.CollectionNotExists, errors.CollectionNotExistException),
        (common_pb2.IndexNotExist, errors.IndexNotExistException),
        (common_pb2.RateLimit, errors.RateLimitError),
        (common_pb2.IllegalArgument, errors.ParamError),
        (common_pb2.OutOfMemory, errors.MilvusException),
    ],
)
def test_a_server_that_sends_only_the_legacy_code_is_understood(legacy, expected):
    with pytest.raises(errors.MilvusException, match="old") as caught:
        codec.check_status(messages.Status(error_code=legacy, reason="old"))
    assert type(caught.value) is expected
    assert caught.value.compatible_code == legacy
    assert caught.value.code != 0


def test_a_schema_mismatch_is_told_by_either_code():
    for status in (
        messages.Status(code=109, reason="r"),
        messages.Status(code=1, error_code=common_pb2.SchemaMismatch, reason="r"),
    ):
        assert isinstance(codec.read_status(status), errors.SchemaMismatchRetryableException)


def test_a_code_that_no_class_stands_for_is_kept():
    error = codec.read_status(messages.Status(code=2999, reason="new", retriable=True))
    assert type(error) is errors.MilvusException
    assert (error.code, error.retriable) == (2999, True)


@pytest.mark.parametrize(("text", "cost"), [("12", 12), ("", 0), ("-1", 0), ("much", 0), ("²", 0)])
def test_the_cost_is_read_if_it_is_one(text, cost):
    status = messages.Status(extra_info={"report_value": text})
    assert codec.read_cost(status) == cost


def test_the_cost_survives():
    assert codec.read_cost(codec.success(3)) == 3
    assert codec.read_cost(codec.success()) == 0
