"""docs/cli.md has a section for each command, and each prints what the page says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest

from aiomilvus.cli.main import COMMANDS, main
from tests.support import console, markdown

if TYPE_CHECKING:
    from pathlib import Path

PAGE = markdown.ROOT / "docs" / "cli.md"


def test_the_commands_of_the_page_print_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    text = PAGE.read_text(encoding="utf-8")
    markdown.run(str(PAGE), text)
    console.run(str(PAGE), text)


def test_every_command_has_a_section_with_its_output() -> None:
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    shown = {
        section.split("\n", 1)[0]: [step.command for step in console.steps(section)]
        for section in sections
    }
    for name in COMMANDS:
        run = shown.get(f"aiomilvus {name}", [])
        assert any(command.startswith(f"aiomilvus {name} ") for command in run), name


def test_every_option_is_in_the_section_of_its_command() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    shared = sections["What commands share"]
    own_pages = {"copy": (PAGE.parent / "copy.md").read_text(encoding="utf-8")}
    missing = [
        f"{name} {flag}"
        for name in COMMANDS
        for option in _command(name).params
        if isinstance(option, click.Option)
        for flag in option.opts
        if not re.search(
            rf"{re.escape(flag)}(?![\w-])",
            sections[f"aiomilvus {name}"] + shared + own_pages.get(name, ""),
        )
    ]
    assert missing == []


def _command(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return command


def test_the_commands_with_common_options_are_those_that_the_page_names() -> None:
    shared = {"--database", "--token", "--ca", "--timeout"}
    text = PAGE.read_text(encoding="utf-8")
    named = set(
        re.findall(r"`(\w+)`", text.partition("## What commands share")[2].split("\n\n")[1])
    )
    having = set()
    for name in COMMANDS:
        if shared <= {flag for option in _command(name).params for flag in option.opts}:
            having.add(name)
    assert having == named


def test_a_page_that_says_something_else_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    right = "```console\n$ aiomilvus list \\\n  nothing.db\nError: there is …\n$ echo $?\n3\n```\n"
    console.run("page", right)
    with pytest.raises(AssertionError, match="page:2: printed"):
        console.run("page", right.replace("there is …", "there are"))
