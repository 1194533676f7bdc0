"""The type that a value is stored as is the one that pymilvus tells."""

from __future__ import annotations

import numpy as np
import pytest
from pymilvus.orm.types import infer_dtype_bydata as of_pymilvus

from aiomilvus.client.inferred_types import infer_dtype_bydata
from aiomilvus.model.types import DataType

VALUES = [True, 1, 1.5, "x", {}, {"a": 1}, b"x", [], [1.0, 2.0], [1, 2], [True], ["x"], (1.0,),
          np.zeros(2, np.float32), np.zeros(2, np.int64), np.int8(1), np.float32(1), np.str_("x"),
          None]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_has_the_type_that_pymilvus_infers(value: object) -> None:
    assert infer_dtype_bydata(value).name == of_pymilvus(value).name


def test_what_pymilvus_has_no_answer_for() -> None:
    assert infer_dtype_bydata(np.bool_(True)) is DataType.BOOL
    assert infer_dtype_bydata([1, "x"]) is DataType.UNKNOWN
    assert infer_dtype_bydata(object()) is DataType.UNKNOWN
