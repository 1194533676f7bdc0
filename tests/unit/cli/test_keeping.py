"""``backup``, ``restore``, ``check`` and ``upgrade``: what they print, and how they end."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from aiomilvus import MilvusClient
from aiomilvus.cli.main import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with MilvusClient("app.db") as client:
        client.create_collection("one", dimension=2)
        client.insert("one", [{"id": 1, "vector": [1, 1]}])


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, words)
    assert "Traceback" not in done.output
    return done.exit_code, done.output


def test_a_backup_and_its_restoring_tell_files_and_bytes() -> None:
    code, output = run("backup", "app.db", "b", "--json")
    made = json.loads(output)
    assert (code, made["backup"], made["files"]) == (0, "b", 2)
    code, output = run("restore", "b", "new.db", "--json")
    restored = json.loads(output)
    assert (code, restored["database"], restored["bytes"]) == (0, "new.db", made["bytes"])
    assert json.loads(run("list", "new.db", "--json")[1])[0]["rows"] == 1


def test_a_backup_is_checked_as_a_database_is() -> None:
    assert run("backup", "app.db", "b")[0] == 0
    code, output = run("check", "b")
    assert (code, "as it was written" in output) == (0, True)
    (log,) = Path("b/data").glob("collection-*/log-*.amv")
    log.write_bytes(log.read_bytes()[:-1])
    code, output = run("check", "b")
    assert (code, log.name in output) == (4, True)


def test_each_way_to_fail_has_its_exit_code() -> None:
    code, output = run("backup", "nothing.db", "b")
    assert (code, "there is no database at nothing.db" in output) == (3, True)
    code, output = run("backup", "http://localhost:1", "b")
    assert (code, "run this on its machine" in output) == (3, True)
    assert run("backup", "app.db", "b")[0] == 0
    code, output = run("restore", "b", "app.db")
    assert (code, "exists and is not empty" in output) == (1, True)
    next(Path("b").glob("data/catalog.sqlite")).write_bytes(b"")
    code, output = run("restore", "b", "new.db")
    assert (code, "catalog.sqlite has 0 bytes" in output) == (4, True)
    assert not Path("new.db").exists()


def test_a_check_names_the_damaged_file_and_ends_with_four() -> None:
    code, output = run("check", "app.db")
    assert (code, "app.db is as it was written: 2 files" in output) == (0, True)
    assert json.loads(run("check", "app.db", "--json")[1])["problems"] == []
    log = next(Path("app.db").glob("collection-*/log-*.amv"))
    content = log.read_bytes()
    log.write_bytes(content[:40] + b"!" + content[41:])
    code, output = run("check", "app.db")
    assert code == 4
    assert f"{log} is damaged at offset" in output
    assert output.endswith("app.db is damaged: 1 problem\n")
    code, output = run("check", "app.db", "--json")
    assert (code, json.loads(output)["problems"][0]["place"]) == (4, str(log.relative_to("app.db")))
    log.unlink()
    assert run("check", "app.db")[0] == 4
    assert run("check", "nothing.db")[0] == 3


def test_an_upgrade_says_what_was_older_and_then_has_nothing_to_do() -> None:
    assert run("upgrade", "app.db") == (0, "app.db: nothing to do\n")
    sql = sqlite3.connect("app.db/catalog.sqlite")
    sql.executescript("DELETE FROM facts WHERE name = 'digest'; PRAGMA user_version = 2;")
    sql.close()
    code, output = run("upgrade", "app.db", "--json")
    assert (code, [each["place"] for each in json.loads(output)["upgraded"]]) == (0, ["catalog"])
    assert run("upgrade", "app.db") == (0, "app.db: nothing to do\n")
    with MilvusClient("app.db") as client:
        client.list_collections()
        sql = sqlite3.connect("app.db/catalog.sqlite")
        sql.executescript("PRAGMA user_version = 2;")
        sql.close()
        code, output = run("upgrade", "app.db")
    assert (code, "is in use: close it in every process" in output) == (3, True)
