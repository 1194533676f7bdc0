"""The command line: starts, serves, stops at a signal, and says what is wrong."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner

from aiomilvus import MilvusClient
from aiomilvus.cli.main import main
from aiomilvus.errors import ConnectionConfigException
from aiomilvus.server.configuration import configured

if TYPE_CHECKING:
    from pathlib import Path


def test_a_served_database_outlives_the_server(tmp_path: Path) -> None:
    path = str(tmp_path / "app.db")
    command = [sys.executable, "-u", "-c", "from aiomilvus.cli.main import main; main()"]
    server = subprocess.Popen(
        [*command, "serve", path, "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    with server.stdout:
        uri = server.stdout.readline().split()[-1]
        http = server.stdout.readline().split()[-1]
        assert httpx.get(f"{http}/healthz").text == "OK"
        with MilvusClient(uri) as client:
            client.create_collection("things", dimension=2)
            client.insert("things", [{"id": 1, "vector": [1.0, 2.0]}])
        server.send_signal(signal.SIGTERM)
        assert server.stdout.read() == "stopping\n"
    assert server.wait(30) == 0
    with MilvusClient(path) as client:
        assert client.get("things", [1])[0]["id"] == 1


def test_an_open_door_to_the_network_is_refused(tmp_path: Path) -> None:
    arguments = ["serve", str(tmp_path / "app.db"), "--host", "192.0.2.1"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "token" in result.output


def test_half_a_tls_pair_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    arguments = ["serve", str(tmp_path / "app.db"), "--tls-cert", str(tmp_path / "cert.pem")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "--tls-key" in result.output


def test_options_come_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "serve.toml"
    file.write_text('port = 1\nhost = "::1"\ntoken = "file"\ngrace = 2\ncors_origins = ["a"]\n')
    environment = {"AIOMILVUS_PORT": "2", "AIOMILVUS_HOST": "127.0.0.2", "HOME": "/"}
    found = configured({"port": 3}, environment, str(file))
    assert (found.port, found.host, found.token) == (3, "127.0.0.2", "file")
    assert (found.grace, found.cors_origins) == (2.0, ("a",))
    environment = {"AIOMILVUS_AUTH": "true", "AIOMILVUS_CORS_ORIGINS": "https://a, https://b"}
    found = configured({}, environment)
    assert found.auth is True
    assert found.cors_origins == ("https://a", "https://b")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("prt = 5", "there is no setting 'prt'; did you mean port?"),
        ("port = 'five'", "port"),
        ("port =", "is no TOML"),
    ],
)
def test_a_settings_file_with_a_mistake_is_refused(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(text)
    with pytest.raises(ConnectionConfigException, match=why):
        configured({}, {}, str(file))
    result = CliRunner().invoke(main, ["serve", str(tmp_path / "x.db"), "--config", str(file)])
    assert result.exit_code == 1
    with pytest.raises(ConnectionConfigException, match="can't read"):
        configured({}, {}, str(tmp_path / "none.toml"))
