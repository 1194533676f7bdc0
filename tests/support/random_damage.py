"""Damages and foreign folders at random: which go unnoticed, and what opening them destroys.

    python -m tests.support.random_damage DAMAGES FOLDERS [--seed 0]

Each damage strikes one file of a database that was closed; whatever there is, is read then. That
fails with an error that names the file, or finds every row (where the damage was to padding).
Each folder holds files of other programs, alone or beside a database, some of them named like
ours but with an id that the catalog never gave: what it did give is known to be a leftover. No
byte of these, or of the files that were not struck, may be removed or changed.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from aiomilvus.errors import StorageError
from tests.support import whole_database

if TYPE_CHECKING:
    from tests.support.contents import Model

Damage = Callable[[Path, random.Random], None]
_BLOCK = 512
_NAMES = (
    "collection-photos/a.jpg",
    "collection-list.csv",
    "collection-7/segment-8/a.jpg",
    "collection-9999/log-00000001.amv",
    "snapshot-x/f100.amv",
    "snapshot-9912/segment-13/f100.amv",
    "files/notes.txt",
    "files/4/words",
    "notes.tmp",
    "log-00000001.amv",
    ".git/HEAD",
    "README.md",
    "chroma.sqlite3",
    "vectors.lance/_versions/1.manifest",
    "collections/c/manifest.json",
    "raft_state.json",
)


def _flip(file: Path, chance: random.Random) -> None:
    data = bytearray(file.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)


def _zero(file: Path, chance: random.Random) -> None:
    data = bytearray(file.read_bytes())
    at = chance.randrange(0, len(data), _BLOCK)
    data[at : at + _BLOCK] = bytes(len(data[at : at + _BLOCK]))
    file.write_bytes(data)


def _scramble(file: Path, chance: random.Random) -> None:
    data = bytearray(file.read_bytes())
    at = chance.randrange(0, len(data), _BLOCK)
    data[at : at + _BLOCK] = chance.randbytes(len(data[at : at + _BLOCK]))
    file.write_bytes(data)


def _cut(file: Path, chance: random.Random) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: chance.randrange(len(data))])


def _lengthen(file: Path, chance: random.Random) -> None:
    file.write_bytes(file.read_bytes() + chance.randbytes(chance.randint(1, 4 * _BLOCK)))


def _remove(file: Path, _: random.Random) -> None:
    file.unlink()


DAMAGES: tuple[Damage, ...] = (_flip, _flip, _zero, _scramble, _cut, _lengthen, _remove)


def _files(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def _unlike(before: dict[str, bytes], path: Path, struck: str) -> list[str]:
    """Return the files that are gone or changed, except for the one that was struck.

    A catalog and a log are written whenever a database is used, so they only have to be there.
    """
    after = _files(path)
    ours = (struck, "lock")
    return [
        name
        for name, content in before.items()
        if not name.startswith(ours)
        and (
            name not in after
            or (after[name] != content and not Path(name).name.startswith(("log-", "catalog")))
        )
    ]


def damaged(whole: Path, path: Path, model: Model, chance: random.Random) -> tuple[str, str]:
    """Damage one file of a copy and read all.

    Returns:
        How that ended, "" if not as promised, and what was done.
    """
    shutil.copytree(whole, path)
    name = chance.choice(sorted(name for name, content in _files(path).items() if content))
    damage = chance.choice(DAMAGES)
    before = _files(path)
    damage(path / name, chance)
    done = f"{damage.__name__[1:]} {name}"
    if name in _files(path) and _files(path)[name] == before[name]:
        return "nothing changed", done
    try:
        whole_database.look(path, model)
        ended = "harmless"
    except StorageError as error:
        known = (Path(name).name, Path(name).parent.name or "no folder")
        ended = "named" if any(each in error.message for each in known) else ""
        done += f": {error.message}"
    except Exception as error:  # noqa: BLE001 - told, and the next is tried
        ended, done = "", f"{done}: {error!r}"
    lost = _unlike(before, path, name)
    return ("", f"{done}, and {lost} changed") if lost else (ended, done)


def foreign(whole: Path, path: Path, chance: random.Random) -> tuple[str, str]:
    """Open a folder with files of others; return how that ended, "" if any of them changed."""
    beside = chance.random() < 0.5
    if beside:
        shutil.copytree(whole, path)
        if chance.random() < 0.3:
            (path / "catalog.sqlite").unlink()
    for name in chance.sample(_NAMES, chance.randint(1, 5)):
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(chance.randbytes(chance.randint(0, 40)))
    before = _files(path)
    try:
        whole_database.look(path)
        ended = "opened"
    except StorageError:
        ended = "refused"
    lost = _unlike(before, path, "lock")
    done = ", ".join(sorted(before)) if lost else ""
    return ("", f"{lost} of {done}") if lost else (ended, done)


def main() -> int:
    """Try as many of each as asked; return how many did not end as promised."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.random_damage")
    parser.add_argument("damages", type=int)
    parser.add_argument("folders", type=int)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    wrong = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        model = whole_database.make(folder)
        whole, path = folder / "db", folder / "copy"
        for what, count in (("damages", arguments.damages), ("folders", arguments.folders)):
            ends: Counter[str] = Counter()
            for number in range(count):
                chance = random.Random(f"{arguments.seed} {what} {number}")
                if what == "damages":
                    ended, done = damaged(whole, path, model, chance)
                else:
                    ended, done = foreign(whole, path, chance)
                ends[ended or "WRONG"] += 1
                if not ended:
                    sys.stdout.write(f"{what} {number}: {done}\n")
                shutil.rmtree(path)
            wrong += ends["WRONG"]
            sys.stdout.write(f"{what}: {dict(ends)}\n")
            sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(), 1))
