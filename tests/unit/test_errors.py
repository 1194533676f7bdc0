"""One class per code, and nothing lost on the way through a pickle."""

from __future__ import annotations

import pickle

import pytest

from aiomilvus import errors


@pytest.mark.parametrize(("code", "cls"), sorted(errors.registered_codes().items()))
def test_a_code_comes_back_as_the_class_that_stands_for_it(
    code: int, cls: type[errors.MilvusException]
) -> None:
    error = errors.error_for(code, "what was wrong")
    assert type(error) is cls
    assert error.code == cls().code == code
    assert str(error) == f"<{cls.__name__}: (code={code}, message=what was wrong)>"


def test_an_unknown_code_is_kept_on_the_base_class() -> None:
    error = errors.error_for(4711, "odd", compatible_code=5)
    assert type(error) is errors.MilvusException
    assert (error.code, error.compatible_code) == (4711, 5)


def test_a_second_class_for_a_code_is_refused() -> None:
    with pytest.raises(TypeError, match="belongs to CollectionNotExistException"):
        errors._stands_for(errors.ErrorCode.COLLECTION_NOT_FOUND)(errors.MilvusException)


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(errors.ParamError(message="no", compatible_code=7)))  # noqa: S301 - our own bytes
    assert type(error) is errors.ParamError
    assert (error.code, error.message, error.compatible_code) == (1100, "no", 7)


def test_client_side_refusals_carry_the_code_pymilvus_gives_them() -> None:
    assert errors.ArgumentError(message="x").code == 1
    assert isinstance(errors.ArgumentError(), errors.ParamError)
    assert errors.DataNotMatchException().code == 1


def test_the_legacy_code_follows_the_code() -> None:
    assert errors.CollectionNotExistException().compatible_code == 4
    assert errors.SchemaMismatchRetryableException().compatible_code == 62
    assert errors.RateLimitError().retriable
