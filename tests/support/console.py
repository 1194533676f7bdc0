"""Run the ```console blocks of a Markdown page, and compare what the commands print.

A line ``$ aiomilvus …`` is a command, run in this process in the current directory; a line
that ends in a backslash goes on in the next, and ``< FILE`` at the end gives standard input. The
lines up to the next ``$`` are what it prints, on standard output and standard error; ``…`` stands
for anything within a line. ``$ echo $?`` prints the exit code of the command before, and
``$ cat FILE`` a file.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from aiomilvus.cli.main import main

_FENCE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """A command, what it prints, and the line of the page that it stands on."""

    command: str
    printed: str
    line: int


def steps(text: str) -> list[Step]:
    """Return the commands of a page in their order."""
    found: list[Step] = []
    for fence in _FENCE.finditer(text):
        first = text.count("\n", 0, fence.start(1)) + 1
        command, printed, at = "", "", 0
        for number, line in enumerate(fence[1].splitlines(), first):
            if line.startswith("$ "):
                if command:
                    found.append(Step(command, printed, at))
                command, printed, at = line[2:], "", number
            elif command.endswith("\\") and not printed:
                command = command[:-1] + line.lstrip()
            else:
                printed += line.rstrip() + "\n"
        if command:
            found.append(Step(command, printed, at))
    return found


def run(page: str, text: str) -> None:
    """Run the commands of a page in the current directory.

    Raises:
        AssertionError: One printed something else than the page says.
    """
    code = 0
    for step in steps(text):
        words = shlex.split(step.command)
        if words[0] == "aiomilvus":
            given = None
            if "<" in words:
                given = Path(words.pop()).read_text(encoding="utf-8")
                words.remove("<")
            result = CliRunner().invoke(main, words[1:], input=given, prog_name="aiomilvus")
            printed, code = result.output, result.exit_code
        elif words == ["echo", "$?"]:
            printed = f"{code}\n"
        elif words[0] == "cat":
            printed = Path(words[1]).read_text(encoding="utf-8")
        else:
            message = f"{page}:{step.line}: {words[0]} is no command that this can run"
            raise AssertionError(message)
        printed = "".join(line.rstrip() + "\n" for line in printed.splitlines())
        if not matches(step.printed, printed):
            message = f"{page}:{step.line}: printed\n{printed}\nbut the page says\n{step.printed}"
            raise AssertionError(message)


def matches(expected: str, printed: str) -> bool:
    """Whether what was printed is what was expected, ``…`` standing for anything in a line."""
    pattern = "[^\n]*".join(map(re.escape, expected.split("…")))
    return re.fullmatch(pattern, printed) is not None
