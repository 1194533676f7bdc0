"""One class per code, and nothing lost on the way through a pickle."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus import errors

if TYPE_CHECKING:
    from collections.abc import Callable


def classes(base: type[errors.MilvusException]) -> list[type[errors.MilvusException]]:
    """A class and all that descend from it."""
    return [base, *(found for each in base.__subclasses__() for found in classes(each))]


def pickled(error: errors.MilvusException) -> errors.MilvusException:
    back: errors.MilvusException = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    return back


@pytest.mark.parametrize(("code", "cls"), sorted(errors._BY_CODE.items()))
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


class OfMyOwn(errors.StorageError):
    """A class of an application, with arguments of its own."""

    def __init__(self, path: str) -> None:
        super().__init__(message=f"no {path}")
        self.path = path


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, pickled])
@given(
    cls=st.sampled_from([c for c in classes(errors.MilvusException) if c is not OfMyOwn]),
    code=st.none() | st.integers(-1, 70_000),
    message=st.text(),
    compatible=st.none() | st.integers(0, 100),
    retriable=st.none() | st.booleans(),
    note=st.none() | st.text(),
)
def test_a_copy_of_an_error_has_all_that_the_error_has(
    cls: type[errors.MilvusException],
    twin: Callable[[errors.MilvusException], errors.MilvusException],
    code: int | None,
    message: str,
    compatible: int | None,
    retriable: bool | None,
    note: str | None,
):
    error = cls(code, message, compatible, retriable=retriable)
    if note is not None:
        error.hint = note  # type: ignore[attr-defined]
    other = twin(error)
    assert type(other) is cls
    assert other is not error
    assert other.args == error.args
    assert vars(other) == vars(error)
    assert str(other) == str(error)


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy])
def test_an_error_whose_class_takes_other_arguments_is_copied_too(
    twin: Callable[[errors.MilvusException], errors.MilvusException],
):
    other = twin(OfMyOwn("file"))
    assert isinstance(other, OfMyOwn)
    assert (other.path, other.message, other.code) == ("file", "no file", 5)


def test_client_side_refusals_carry_the_code_pymilvus_gives_them() -> None:
    assert errors.ArgumentError(message="x").code == 1
    assert isinstance(errors.ArgumentError(), errors.ParamError)
    assert errors.DataNotMatchException().code == 1


def test_the_legacy_code_follows_the_code() -> None:
    assert errors.CollectionNotExistException().compatible_code == 4
    assert errors.SchemaMismatchRetryableException().compatible_code == 62
    assert errors.RateLimitError().retriable
