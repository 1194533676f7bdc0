"""What a single node can only answer in part: replicas, resource groups."""

from __future__ import annotations

from typing import Any

from aiomilvus.model.operations.base import CollectionOperation, Operation


class DescribeReplicas(CollectionOperation[tuple[dict[str, Any], ...]], frozen=True, kw_only=True):
    """Describe the replicas of a loaded collection."""


class ListResourceGroups(Operation[tuple[str, ...]], frozen=True, kw_only=True):
    """List the resource groups."""


class DescribeResourceGroup(Operation[dict[str, Any]], frozen=True, kw_only=True):
    """Describe a resource group."""

    name: str
