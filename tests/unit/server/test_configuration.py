"""Settings that contradict what they were given for are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from aiomilvus.errors import ConnectionConfigException
from aiomilvus.server import serve
from aiomilvus.server.configuration import configured
from aiomilvus.server.settings import ServerSettings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["token", "root_password"])
def test_an_empty_secret_is_refused_wherever_it_stands(tmp_path: Path, name: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'{name} = ""\n')
    with pytest.raises(ConnectionConfigException, match=f"`{name}` is empty"):
        configured({name: ""}, {}, "")
    with pytest.raises(ConnectionConfigException, match=f"`{name}` is empty"):
        configured({}, {f"AIOMILVUS_{name.upper()}": ""}, "")
    with pytest.raises(ConnectionConfigException, match=f"`{name}` is empty"):
        configured({}, {}, str(file))
    assert configured({"token": "key"}, {}, "").token == "key"


ODD = {
    "host": 5,
    "port": 70_000,
    "auth": "maybe",
    "concurrency": -1,
    "handshake_timeout": 0,
    "grace": "nan",
    "http_port": -1,
    "log_level": "loud",
    "slow_seconds": "inf",
    "cors_origins": 7,
    "workers": 257,
    "receive_bytes": "1.5",
}


@pytest.mark.parametrize(("name", "value"), ODD.items(), ids=ODD)
def test_an_odd_value_is_refused_by_the_name_of_where_it_stands(
    tmp_path: Path, name: str, value: object
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"{name} = {value!r}\n")
    doors: dict[str, tuple[dict[str, object], dict[str, str], str]] = {
        f"`{name}`": ({name: value}, {}, ""),
        f"{file}: {name}": ({}, {}, str(file)),
    }
    if name not in ("host", "cors_origins"):  # any text is one
        variable = f"AIOMILVUS_{name.upper()}"
        doors[variable] = ({}, {variable: str(value)}, "")
    for where, given in doors.items():
        with pytest.raises(ConnectionConfigException) as refused:
            configured(*given)
        assert refused.value.message.startswith(f"{where} can't be '{value}': ") or (
            refused.value.message.startswith(f"{where} can't be {value!r}: ")
        )


def test_no_number_is_without_bounds() -> None:
    for field in msgspec.structs.fields(ServerSettings):
        kind = msgspec.inspect.type_info(field.type)
        kinds = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
        for each in kinds:
            if isinstance(each, (msgspec.inspect.IntType, msgspec.inspect.FloatType)):
                assert each.le is not None, field.name
                assert each.ge is not None or each.gt is not None, field.name


def test_a_secret_that_is_wrong_is_not_shown() -> None:
    with pytest.raises(ConnectionConfigException, match="`token` can't be its value") as refused:
        configured({"token": ["hidden"]}, {})
    assert "hidden" not in refused.value.message


def test_a_program_that_serves_with_an_odd_value_is_told_so() -> None:
    with pytest.raises(ConnectionConfigException, match="port"):
        serve(":memory:", port=70_000)
