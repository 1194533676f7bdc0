"""What methods and fields take is asked for in `test_definition_parameters.py`."""

from __future__ import annotations

from aiomilvus.client import options
from aiomilvus.client.inputs.schema.fields import TYPE_PARAMETERS
from tests.support.definition_parameters import DEFINITIONS, FIELDS


def test_every_keyword_of_a_field_is_walked() -> None:
    known = options.AddFieldOptions.__optional_keys__ - options.CallOptions.__optional_keys__
    walked = {case.name for case in FIELDS}
    assert {*known, *TYPE_PARAMETERS} <= walked, {*known, *TYPE_PARAMETERS} - walked


def test_every_option_of_loads_and_creation_is_walked() -> None:
    shared = options.CallOptions.__optional_keys__
    for method, known, elsewhere in (
        ("load_collection", options.LoadOptions, set()),
        (
            "create_collection",
            options.CreateOptions,
            {"num_partitions", "partition_key_field", "clustering_key_field", "max_length"},
        ),  # which need a schema, or a key, of their own: test_refused_definitions.py
    ):
        walked = {case.name for case in DEFINITIONS if case.method == method}
        missing = known.__optional_keys__ - shared - elsewhere - walked
        assert not missing, (method, missing)
