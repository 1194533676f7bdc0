"""Loose arguments about resource groups and clusters → the model's structures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import ParamError
from aiomilvus.model.operations.cluster import Cluster, Replication
from aiomilvus.model.resource_groups import ResourceGroupConfig
from aiomilvus.model.rows.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTS = ("requests", "limits", "transfer_from", "transfer_to", "node_filter")


def group_config(given: Any) -> ResourceGroupConfig:
    """Return the configuration of a resource group.

    Args:
        given: A `ResourceGroupConfig`; or ``{"requests": {"node_num": 1}, "limits": …,
            "transfer_from": [{"resource_group": "a"}], "transfer_to": …, "node_filter":
            {"node_labels": {"zone": "b"}}}``; or an object with such attributes, as pymilvus' is.

    Raises:
        ParamError: It is none of these.
    """
    if isinstance(given, ResourceGroupConfig):
        return given
    if isinstance(given, dict) and not given.keys() <= set(_PARTS):
        unknown = ", ".join(sorted(given.keys() - set(_PARTS)))
        raise ParamError(message=f"a resource group's config has {_PARTS}; got {unknown}")
    try:
        return ResourceGroupConfig(
            requests=_count(given, "requests"),
            limits=_count(given, "limits"),
            transfer_from=_groups(_part(given, "transfer_from")),
            transfer_to=_groups(_part(given, "transfer_to")),
            node_labels=_labels(_part(_part(given, "node_filter"), "node_labels")),
        )
    except (AttributeError, TypeError, ValueError):
        raise ParamError(message=f"no resource group's config: {shorten(given)}") from None


def _part(given: Any, name: str) -> Any:
    if given is None:
        return None
    return given.get(name) if isinstance(given, dict) else getattr(given, name)


def _count(given: Any, name: str) -> int | None:
    """Return a number of nodes, None if it is not told."""
    is_message = not isinstance(given, dict) and hasattr(given, "HasField")
    part = None if is_message and not given.HasField(name) else _part(given, name)
    count = None if part is None else int(_part(part, "node_num") or 0)
    if count is not None and not -(2**31) <= count < 2**31:
        raise ParamError(message=f"{name} of a resource group: {count} nodes exceed 32 bits")
    return count


def _groups(given: Iterable[Any] | None) -> tuple[str, ...]:
    return tuple(str(_part(each, "resource_group")) for each in given or ())


def _labels(given: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(given, dict):
        return tuple((str(key), str(value)) for key, value in given.items())
    return tuple((str(_part(each, "key")), str(_part(each, "value"))) for each in given or ())


def replication_of(
    clusters: Iterable[Mapping[str, Any]] | None, topology: Iterable[Mapping[str, Any]] | None
) -> Replication:
    """Return the replication that pymilvus' dicts describe.

    Args:
        clusters: Each ``{"cluster_id": …, "connection_param": {"uri": …, "token": ""},
            "pchannels": []}``.
        topology: Each ``{"source_cluster_id": …, "target_cluster_id": …}``.

    Raises:
        ParamError: `clusters` is None, either is no list of dicts, or a key is missing.
    """
    if clusters is None:
        raise ParamError(message="'clusters' must be provided")
    return Replication(
        clusters=tuple(_cluster(each) for each in _dicts(clusters, "clusters")),
        topology=tuple(
            (_needed(each, "source_cluster_id"), _needed(each, "target_cluster_id"))
            for each in _dicts(() if topology is None else topology, "cross_cluster_topology")
        ),
    )


def _dicts(given: Iterable[Mapping[str, Any]], argument: str) -> list[Mapping[str, Any]]:
    if isinstance(given, (list, tuple)) and all(isinstance(each, Mapping) for each in given):
        return list(given)
    raise ParamError(
        message=f"`{argument}` value {shorten(given)} is illegal, should be a list of dicts"
    )


def _cluster(given: Mapping[str, Any]) -> Cluster:
    connection = _needed(given, "connection_param")
    return Cluster(
        cluster_id=_needed(given, "cluster_id"),
        uri=_needed(connection, "uri"),
        token=connection.get("token", ""),
        pchannels=tuple(given.get("pchannels", ())),
    )


def _needed(given: object, key: str) -> Any:
    if not isinstance(given, Mapping) or key not in given:
        raise ParamError(message=f"{key} is required in {shorten(given)}")
    return given[key]
