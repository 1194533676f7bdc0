"""Where the files of an external collection are, as its ``external_source`` says."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aiomilvus.errors import NotSupportedError, ParamError

SUFFIX = ".parquet"
_IGNORED = ("_", ".")
"""Names that begin so are what tools that write tables leave beside them."""


def local_path(source: str) -> Path:
    """Return the local file or folder that a source names; it need not exist.

    Raises:
        ParamError: It names none.
        NotSupportedError: It is not on this machine.
    """
    path = Path(source)
    if path.is_absolute():
        return _named(path, source)
    try:
        parts = urlsplit(source)
    except ValueError as error:
        message = f"external_source {source!r} is no address: {error}"
        raise ParamError(message=f"{message}: invalid parameter") from None
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.startswith("/"):
        return _named(Path(unquote(parts.path)), source)
    if parts.scheme and parts.scheme != "file":
        message = f"external_source {source!r}: scheme {parts.scheme!r} is not supported by this"
        raise NotSupportedError(message=f"{message} engine: it reads local files, as file:///data")
    message = f"external_source {source!r} must be an absolute path, or begin with file:///"
    raise ParamError(message=f"{message}: invalid parameter")


def _named(path: Path, source: str) -> Path:
    """Return a path that a file may have."""
    try:
        raw = os.fsencode(path)
    except ValueError:
        raw = b"\0"
    if b"\0" in raw:
        message = f"external_source {source!r} has a character that no file's name may have"
        raise ParamError(message=f"{message}: invalid parameter")
    return path


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder, and of folders of it, that are read, in order of their names.

    Their names end with ``.parquet``; what begins with ``_`` or ``.`` is passed over, and a link
    to a folder is not followed. A link to a file is one of the files.

    Raises:
        OSError: A folder can't be looked at.
    """
    found: list[Path] = []
    for inner, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(_IGNORED)]
        found += [
            Path(inner, name)
            for name in names
            if name.endswith(SUFFIX) and not name.startswith(_IGNORED)
        ]
    return sorted(found)


def links_in(folder: Path) -> list[Path]:
    """Return all links in a folder, to files and to folders, and in folders of it.

    Raises:
        OSError: A folder can't be looked at.
    """
    return [
        path
        for inner, folders, names in os.walk(folder, onerror=_raise)
        for path in (Path(inner, name) for name in (*folders, *names))
        if path.is_symlink()
    ]


def _raise(error: OSError) -> None:
    raise error
