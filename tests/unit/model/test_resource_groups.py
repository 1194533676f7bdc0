"""Where the one node goes as resource groups ask for it."""

from __future__ import annotations

import pytest

from aiomilvus.model.resource_groups import (
    DEFAULT_RESOURCE_GROUP,
    ResourceGroupConfig,
    ResourceGroups,
)

DEFAULT = DEFAULT_RESOURCE_GROUP


def config(requests: int, limits: int, to: str = "", label: str = "") -> ResourceGroupConfig:
    return ResourceGroupConfig(
        requests=requests,
        limits=limits,
        transfer_to=(to,) if to else (),
        node_labels=(("zone", label),) if label else (),
    )


@pytest.mark.parametrize(
    ("steps", "home"),
    [
        ([{"a": config(0, 0)}], DEFAULT),
        ([{"a": config(0, 5)}], DEFAULT),
        ([{"a": config(1, 1)}], "a"),
        ([{"a": config(1, 1), "b": config(3, 3)}], "b"),
        ([{"a": config(1, 1)}, {"b": config(3, 3)}], "a"),
        ([{"a": config(1, 1)}, {"a": config(0, 1)}], "a"),
        ([{"a": config(1, 1)}, {"a": config(0, 0)}], DEFAULT),
        ([{"a": config(1, 1)}, {"b": config(1, 1)}, {"a": config(0, 0)}], "b"),
        ([{"a": config(1, 1)}, {"b": config(0, 20)}, {"a": config(0, 0, to="b")}], "b"),
        ([{"a": config(1, 1)}, {"b": config(0, 20)}, {"a": config(0, 0)}], DEFAULT),
        ([{"a": config(1, 1, label="x")}], DEFAULT),
        ([{"a": config(1, 1)}, {"a": config(1, 1, label="x")}], DEFAULT),
        ([{DEFAULT: config(0, 0)}], DEFAULT),
        ([{"a": config(0, 1)}, {DEFAULT: config(0, 0)}], "a"),
        ([{DEFAULT: config(1, 9)}, {"a": config(1, 1)}], DEFAULT),
    ],
)
def test_the_node_goes_where_it_is_requested_and_leaves_what_has_no_room(
    steps: list[dict[str, ResourceGroupConfig]], home: str
) -> None:
    groups = ResourceGroups()
    for step in steps:
        groups = groups.with_configs(step)
    assert groups.home == home
    assert sum(groups.nodes(name) for name in groups.configs) == 1
