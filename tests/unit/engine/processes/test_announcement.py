"""A follower takes no leader that it could misunderstand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aiomilvus.engine.processes.announcement import Announcement, check_compatible
from aiomilvus.engine.processes.messages import PROTOCOL
from aiomilvus.errors import StorageError
from aiomilvus.native import machine_name
from aiomilvus.version import __version__


def told(
    *, version: str = __version__, protocol: int = PROTOCOL, machine: str = ""
) -> Announcement:
    return Announcement(
        pid=4711,
        epoch=1,
        version=version,
        protocol=protocol,
        machine=machine or machine_name(),
        address="/tmp/leader.sock",  # noqa: S108 - nobody listens there
        secret="",
    )


def test_an_equal_leader_is_followed() -> None:
    check_compatible(told(), Path("app.db"))


@pytest.mark.parametrize(
    ("leader", "named"),
    [
        (
            told(protocol=PROTOCOL - 1),
            f"process 4711 by aiomilvus {__version__} (protocol {PROTOCOL - 1})",
        ),
        (told(protocol=PROTOCOL + 1), f"this is {__version__} ({PROTOCOL})"),
        (told(version="0.0.1"), "aiomilvus 0.0.1"),
        (told(machine="another one"), "another machine, in process 4711"),
    ],
)
def test_another_leader_is_refused_by_name(leader: Announcement, named: str) -> None:
    with pytest.raises(StorageError, match=re.escape(named)):
        check_compatible(leader, Path("app.db"))
