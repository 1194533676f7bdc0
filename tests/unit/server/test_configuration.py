"""Settings that contradict what they were given for are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus.errors import ConnectionConfigException
from aiomilvus.server.configuration import configured

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
