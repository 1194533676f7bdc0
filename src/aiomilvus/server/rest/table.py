"""All routes by path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.server.rest import (
    collections,
    databases,
    entities,
    evolution,
    groups,
    indexes,
    jobs,
    misc,
    partitions,
    quota,
    searching,
    users,
)

if TYPE_CHECKING:
    from aiomilvus.server.rest.call import Route

PREFIX = "/v2/vectordb"

ROUTES: tuple[Route, ...] = (
    *collections.ROUTES,
    *evolution.ROUTES,
    *databases.ROUTES,
    *entities.ROUTES,
    *searching.ROUTES,
    *partitions.ROUTES,
    *indexes.ROUTES,
    *users.ROUTES,
    *groups.ROUTES,
    *jobs.ROUTES,
    *misc.ROUTES,
    *quota.ROUTES,
)
BY_PATH: dict[str, Route] = {PREFIX + route.path: route for route in ROUTES}
