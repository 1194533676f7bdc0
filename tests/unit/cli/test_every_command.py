"""What holds for every command: ``--json``, and odd values are refused in words, by their flag."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner, Result

from aiomilvus import MilvusClient, Progress
from aiomilvus.cli import copying, failures, serve, values
from aiomilvus.cli import reading as cli_reading
from aiomilvus.cli.main import COMMANDS, main
from aiomilvus.client.files import reading
from aiomilvus.engine.index.kernels import loader
from aiomilvus.mcp import serving
from aiomilvus.server.settings import ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = {
    "backup": ["app.db", "made"],
    "check": ["app.db"],
    "compact": ["app.db"],
    "copy": ["app.db", "copied.db"],
    "describe": ["app.db", "one"],
    "export": ["app.db", "one", "out.jsonl", "--overwrite"],
    "import": ["app.db", "one", "rows.jsonl"],
    "info": ["app.db"],
    "kernels": [],
    "list": ["app.db"],
    "mcp": ["app.db"],
    "query": ["app.db", "one"],
    "restore": ["saved", "restored.db"],
    "search": ["app.db", "one", "--vector", "[1, 1]"],
    "serve": ["app.db", "--port", "0", "--workers", "1", "--no-http"],
    "shell": ["app.db"],
    "stats": ["app.db", "one"],
    "upgrade": ["app.db"],
}
"""Words with which each command succeeds."""

WITHOUT_JSON = {"mcp": "what it prints is the protocol's, which is JSON already"}
LINES = "list\nhelp\nuse default\nstats one\n"
NUMBERS = ("nan", "-1", "0", "99999999999999999999", "", "{")
ODD: dict[type[click.ParamType[Any]], tuple[str, ...]] = {
    values.VectorText: ("{", "", "[]", '{"a": 1}', '{"-1": 1}', "[NaN]", "null", '["a"]', "1e400"),
    values.Seconds: NUMBERS,
    values.Whole: NUMBERS,
    click.IntRange: NUMBERS,
    values.Pair: ("", "ef", "=1", "ef="),
    click.Path: ("", "folder", "rows.jsonl", "no/such/file", "/proc/nope.csv"),
    click.File: ("", "folder", "rows.jsonl", "no/such/file"),
    click.ParamType: ("", "{", "rows.jsonl"),
}
"""Odd values by the type of what takes them; the first type that fits counts."""
NEVER = ("Traceback", "Errno", "invalid literal", "<class", "unexpected")
PYTHON = {
    *(name for name in failures.FLAGS if "_" in name),
    *(name for name in ServerSettings.__struct_fields__ if "_" in name),
    "as_json",
}
"""Names that a user of the command line has never seen."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database, a backup of it, and files of other kinds."""
    folder = tmp_path_factory.mktemp("made")
    with MilvusClient(str(folder / "app.db")) as client:
        client.create_collection("one", dimension=2)
        client.insert("one", [{"id": n, "vector": [n, 1]} for n in range(3)])
    done = CliRunner().invoke(main, ["backup", str(folder / "app.db"), str(folder / "saved")])
    assert done.exit_code == 0
    (folder / "rows.jsonl").write_text('{"id": 7, "vector": [1, 2]}\n')
    (folder / "folder").mkdir()
    (folder / "folder" / "more").touch()
    return folder


@pytest.fixture(autouse=True)
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run in a copy of that folder; a server ends as soon as it serves."""
    shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(loader, "make", lambda each: Path("/kept") / each.name)
    monkeypatch.setattr(serving, "make_server", lambda _client, inserts: HungUp())
    monkeypatch.setattr(serve, "_on_signals", lambda _loop, stopped: stopped.set())
    yield
    monkeypatch.undo()


class HungUp:
    """An agent's program that ends at once; the protocol's SDK takes seconds to import."""

    async def run_stdio_async(self) -> None: ...


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def run(name: str, words: list[str]) -> Result:
    return CliRunner().invoke(main, [name, *words], input=LINES if name == "shell" else "")


def documents(text: str) -> list[Any]:
    """Return the JSON documents that a text consists of, and of nothing else."""
    found, decoder, rest = [], json.JSONDecoder(), text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].lstrip()
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_json_or_is_a_stated_exception(name: str) -> None:
    flags = {flag for option in command(name).params for flag in option.opts}
    assert ("--json" in flags) == (name not in WITHOUT_JSON)
    if name in WITHOUT_JSON:
        return
    done = run(name, [*WORDS[name], "--json"])
    assert done.exit_code == 0, done.output
    assert len(documents(done.stdout)) == {"shell": 3, "serve": 2}.get(name, 1)


def odd_words(name: str) -> Iterator[list[str]]:
    """Return the words of a command with each argument and option odd in turn."""
    arguments = [p for p in command(name).params if isinstance(p, click.Argument)]
    for at, argument in enumerate(arguments):
        for value in odd(argument):
            words = [*WORDS[name]]
            words[at : at + 1] = [value]
            yield words
    for option in command(name).params:
        if isinstance(option, click.Option) and not option.is_flag:
            yield from ([*WORDS[name], option.opts[0], value] for value in odd(option))


def odd(parameter: click.Parameter) -> tuple[str, ...]:
    for kind, found in ODD.items():
        if isinstance(parameter.type, kind):
            return found
    raise AssertionError(parameter.type)


@pytest.mark.parametrize("name", COMMANDS)
def test_odd_values_end_in_words_for_users(name: str) -> None:
    for words in odd_words(name):
        done = run(name, words)
        assert done.exit_code in range(failures.DAMAGED + 1), (words, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), words
        if done.exit_code:
            assert "Error: " in done.stderr, words
            assert not any(word in done.stderr for word in NEVER), (words, done.stderr)
            named = set(re.findall(r"\w+", done.stderr)) & PYTHON
            assert not named, (words, done.stderr)


REFUSED = {
    "search app.db one --vector {'a':1}": "'--vector': '{\"a\":1}' is no vector: give numbers as",
    "search app.db one --param ef": "'--param': 'ef' is not NAME=VALUE, as ef=64",
    "query app.db one --id xyz": "--id: 'xyz' is no key of this collection: id holds whole numbers",
    "query app.db one --id 9223372036854775808": "--id: '9223372036854775808' is no key",
    "query app.db one --id 1 --limit 3": "--limit and --offset have no effect beside --id",
    "query app.db one --count --field id": "--field has no effect beside --count",
    "query app.db one --limit 0": "'--limit': '0' is not a whole number from 1 to",
    "list app.db --timeout nan": "'--timeout': 'nan' is no number of seconds above 0, as 2.5",
    "list app.db --timeout -1": "'--timeout': '-1' is no number of seconds above 0, as 2.5",
    "list app.db --database nope": "; `aiomilvus info TARGET` lists the databases",
    "mcp app.db --database nope": "; `aiomilvus info TARGET` lists the databases",
    "shell app.db --database nope": "; `aiomilvus info TARGET` lists the databases",
    "copy app.db there.db --database nope": "; `aiomilvus info SOURCE` lists the databases",
    "copy app.db there.db --collection nope": "; `aiomilvus list SOURCE` lists the collections",
    "stats app.db nope": "; `aiomilvus list TARGET` lists the collections",
    "import app.db one rows.jsonl --partition x": "; `aiomilvus describe TARGET COLLECTION` lists",
    "list folder": "folder is not a database, and not empty: it holds more; choose another",
    "list nope": "there is no database at nope: give the directory of one",
    "list https://127.0.0.1:1 --ca rows.jsonl": "rows.jsonl holds no certificate or key in PEM",
    "search app.db one --vector [1,1] --limit 99999": "--limit [99999] is invalid, it should be in",
    "serve app.db --host 0.0.0.0": "give --token or --auth, or say that this is meant: --allow-rem",
    "serve app.db --tls-cert rows.jsonl": "give --tls-cert and --tls-key",
    "serve app.db --auth --token x": "give --token, or let callers be users (--auth)",
    "serve app.db --root-password secret": "--root-password needs --auth",
    "serve app.db --workers 999": "--workers can't be 999: expected `int` <= 256",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_refused_says_what_is_allowed_or_the_next_step(line: str) -> None:
    name, *words = line.replace("'", '"').split()
    done = run(name, words)
    assert done.exit_code != 0
    assert REFUSED[line] in done.stderr


def test_files_for_tls_are_read_before_anything_listens() -> None:
    words = [*WORDS["serve"], "--tls-cert", "rows.jsonl", "--tls-key", "rows.jsonl"]
    done = run("serve", words)
    assert done.exit_code == 1
    assert "--tls-cert rows.jsonl and --tls-key rows.jsonl are no certificate chain" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_a_place_that_can_not_be_written_to_is_named() -> None:
    done = run("export", ["app.db", "one", "/proc/nope.csv"])
    assert done.exit_code == 1
    assert done.stderr.startswith(
        "Error: /proc/nope.csv.partial: No such file or directory: choose"
    )


def test_vectors_are_dense_sparse_or_lists_of_vectors() -> None:
    assert values.vector_of("[1, 2.5]") == [1, 2.5]
    assert values.vector_of('{"3": 0.5}') == {3: 0.5}
    assert values.vector_of("[[1, 2], [3, 4]]") == [[1, 2], [3, 4]]


def test_a_copy_shows_how_far_it_is_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Progress] = []
    monkeypatch.setattr(copying, "on_terminal", lambda: told.append)
    assert run("copy", WORDS["copy"]).exit_code == 0
    assert told[-1] == Progress("copying", 3, 3)


PLACES = {
    "file": ("rows.jsonl", "is a file, but a database is a directory"),
    "other": ("folder", "is not a database, and not empty"),
    "nothing": ("no/such", "there is no database"),
    "later": ("later.db", "has catalog format 99; this version reads"),
    "scheme": ("ftp://somewhere", "its scheme should be one of"),
}
MAKERS = ("serve", "copy")
"""Commands that make a database where nothing is."""


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"kernels", "restore"}))
def test_a_place_that_can_not_be_opened_has_one_exit_code(name: str, kind: str) -> None:
    place, told = PLACES[kind]
    if kind == "later":
        shutil.copytree("app.db", place)
        with closing(sqlite3.connect(f"{place}/catalog.sqlite")) as sql:
            sql.execute("PRAGMA user_version=99")
    words = [place if word == "app.db" else word for word in WORDS[name]]
    if name in MAKERS and kind == "nothing":
        return
    done = run(name, words)
    assert (done.exit_code, told in done.stderr) == (failures.UNREACHABLE, True), done.stderr
    if name == "copy":
        there = run(name, ["app.db", place])
        assert (there.exit_code, told in there.stderr) == (failures.UNREACHABLE, True)


def test_what_is_no_backup_can_not_be_opened_as_one() -> None:
    manifest = Path("saved/manifest.json")
    for content in (manifest.read_text().replace('"format": 1', '"format": 2'), None):
        manifest.unlink()
        if content is not None:
            manifest.write_text(content)
        done = run("restore", WORDS["restore"])
        assert done.exit_code == failures.UNREACHABLE, done.stderr
        assert "backup" in done.stderr or "format 2" in done.stderr
        assert not Path("restored.db").exists()
    assert run("restore", ["no/such", "restored.db"]).exit_code == failures.UNREACHABLE


@pytest.mark.parametrize("option", ["--collection", "--database"])
def test_a_copy_of_what_is_not_there_makes_nothing(option: str) -> None:
    done = run("copy", ["app.db", "copied.db", option, "none"])
    assert done.exit_code == failures.REFUSED
    assert "not found" in done.stderr
    assert not Path("copied.db").exists()


def test_a_query_says_when_there_are_more_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "2 rows are shown, and there are more"
    assert told in run("query", [*WORDS["query"], "--limit", "2"]).stderr
    assert "--offset 2 " in run("query", [*WORDS["query"], "--limit", "1", "--offset", "1"]).stderr
    for limit in ("3", "16384"):
        assert run("query", [*WORDS["query"], "--limit", limit]).stderr == ""
    monkeypatch.setattr(cli_reading, "_LAST_ROW", 2)
    assert "no query gets further" in run("query", [*WORDS["query"], "--limit", "2"]).stderr
    as_json = run("query", [*WORDS["query"], "--limit", "2", "--json"])
    assert (len(json.loads(as_json.stdout)), as_json.stderr) == (2, "")


def test_an_import_of_a_file_that_was_mended_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "_MOST_ROWS", 1)
    file = Path("rows.jsonl")
    first = '{"id": 7, "vector": [1, 2]}\n'
    file.write_text(first + '{"id": 8, "vector": [1, 2, 3]}\n')
    assert run("import", WORDS["import"]).exit_code == 1
    file.write_text(first + '{"id": 8, "vector": [1, 2]}\n')
    done = run("import", WORDS["import"])
    assert done.exit_code == 1
    record = re.search(r"/\S+\.json", done.stderr)
    assert record is not None
    assert "the file has changed since" in done.stderr
    Path(record[0]).unlink()
    assert run("import", WORDS["import"]).exit_code == 0
