"""The command line: starts, serves, stops at a signal, and says what is wrong."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from click.testing import CliRunner

from aiomilvus import MilvusClient
from aiomilvus.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def test_a_served_database_outlives_the_server(tmp_path: Path) -> None:
    path = str(tmp_path / "app.db")
    command = [sys.executable, "-u", "-c", "from aiomilvus.cli import main; main()"]
    server = subprocess.Popen(
        [*command, "serve", path, "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    with server.stdout:
        uri = server.stdout.readline().split()[-1]
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
    arguments = ["serve", str(tmp_path / "app.db"), "--tls-cert", "cert.pem"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "tls_key" in result.output
