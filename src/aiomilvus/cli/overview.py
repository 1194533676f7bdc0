"""``aiomilvus --help`` and ``aiomilvus --version``, answered before click is imported.

That would take three times as long as Python takes to start. What is printed is what click prints.
"""

import os
import sys

from aiomilvus.cli.commands import COMMANDS, SUMMARY
from aiomilvus.version import __version__

_NARROWEST, _WIDEST = 50, 78
_OPTIONS = {
    "--version": "Show the version and exit.",
    "--help": "Show this message and exit.",
}


def answer(words: list[str]) -> bool:
    """Print what the command line asks for; return whether it was one of the two.

    Args:
        words: The arguments of the program.

    Raises:
        OSError: It could not be printed.
    """
    if sys.stdout is None:  # closed, or a program without a console: click says nothing
        return False
    if words == ["--help"]:
        text = overview(_columns() - 2)
    elif words == ["--version"]:
        text = f"aiomilvus, version {__version__}\n"
    else:
        return False
    sys.stdout.write(text)
    sys.stdout.flush()
    return True


def overview(width: int) -> str:
    """Return what the program is, its options and its commands, for lines of so many characters."""
    width = min(max(width, _NARROWEST), _WIDEST)
    commands = {name: summary for name, (_, summary) in COMMANDS.items()}
    return (
        "Usage: aiomilvus [OPTIONS] COMMAND [ARGS]...\n\n"
        f"  {_wrapped(SUMMARY, width - 2, 2)}\n\n"
        f"Options:\n{_listed(_OPTIONS, width)}\n"
        f"Commands:\n{_listed(commands, width)}"
    )


def _listed(texts: dict[str, str], width: int) -> str:
    column = max(map(len, texts)) + 2
    lines = (
        f"  {name:{column}}{_wrapped(text, width - column - 2, column + 2)}\n"
        for name, text in texts.items()
    )
    return "".join(lines)


def _wrapped(text: str, width: int, indent: int) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return f"\n{' ' * indent}".join(lines)


def _columns() -> int:
    """Return the width of the terminal, as `shutil` finds it; 80 where there is none."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    if sys.__stdout__ is None:
        return 80
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
