"""Where the files of an external collection are, as its ``external_source`` says."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from aiomilvus.errors import NotSupportedError, ParamError


def local_path(source: str) -> Path:
    """Return the local file or folder that a source names; it need not exist.

    Raises:
        ParamError: It names none.
        NotSupportedError: It is not on this machine.
    """
    path = Path(source)
    if path.is_absolute():
        return path
    parts = urlsplit(source)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.startswith("/"):
        return Path(unquote(parts.path))
    if parts.scheme and parts.scheme != "file":
        message = f"external_source {source!r}: scheme {parts.scheme!r} is not supported by this"
        raise NotSupportedError(message=f"{message} engine: it reads local files, as file:///data")
    message = f"external_source {source!r} must be an absolute path, or begin with file:///"
    raise ParamError(message=f"{message}: invalid parameter")
