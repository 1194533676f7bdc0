"""How far an export or import came: a small file that is whole at every moment."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TypeVar

import msgspec

from aiomilvus.errors import DataCorruptedError, ParamError

R = TypeVar("R", bound="Record")


class Record(msgspec.Struct, kw_only=True):
    """What both keep.

    Attributes:
        task: What is moved from where to where; another task's record is refused.
        rows: Rows that are done.
    """

    task: dict[str, str]
    rows: int = 0


_OF_THE_FILE = frozenset({"size", "changed"})
"""What a task notes of the file that it reads, to tell that it is the same one."""


def read(path: Path, kind: type[R], task: dict[str, str]) -> R | None:
    """Return what a file records of a task, None if there is no such file.

    Raises:
        DataCorruptedError: The file is no record.
        ParamError: It records another task.
    """
    if not path.exists():
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        message = f"{path} is no record of a task: {error}; remove it to start over"
        raise DataCorruptedError(message=message) from error
    changed = [name for name, value in task.items() if found.task.get(name) != value]
    if changed and not set(changed) - _OF_THE_FILE:
        message = (
            f"the file has changed since it was read to row {found.rows}, where {path} says that "
            "an import stopped: put the file back to go on, or remove that record to import it "
            "from its beginning"
        )
        raise ParamError(message=message)
    if changed:
        told = ", ".join(f"{name} was {found.task.get(name)!r}" for name in changed)
        message = f"{path} records another task: {told}; remove it to start over"
        raise ParamError(message=message)
    return found


def save(path: Path, record: Record) -> None:
    """Put a record on the disk, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(record))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def state_path(task: dict[str, str]) -> Path:
    """Return where a task's record is when nobody says: below the user's state folder.

    Raises:
        ParamError: As of `state_folder`.
    """
    name = hashlib.sha256(msgspec.json.encode(sorted(task.items()))).hexdigest()[:16]
    return state_folder() / f"import-{name}.json"


def state_folder() -> Path:
    """Return the folder in which programs note for a user how far they came.

    Raises:
        ParamError: The user has no home and names no other folder.
    """
    try:
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    except RuntimeError as error:  # neither HOME nor an entry among the system's users
        message = "this user has no home to note the progress in: give `record`, the path of a "
        message += "file, or set XDG_STATE_HOME to a folder"
        raise ParamError(message=message) from error
    return Path(state) / "aiomilvus"
