"""Settings from a TOML file, from the environment, and from whoever starts the server.

What is given at the start comes before the environment, and that before the file. Every field of
`ServerSettings` is a key of the file, and in capitals behind ``AIOMILVUS_`` a variable.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.errors import ConnectionConfigException
from aiomilvus.server.settings import ServerSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "AIOMILVUS_"
_SECRETS = ("token", "root_password")
_LISTS = frozenset({"cors_origins"})
_TYPES = {field.name: field.type for field in msgspec.structs.fields(ServerSettings)}


def configured(
    given: Mapping[str, Any], environment: Mapping[str, str], file: str = "", *, workers: int = 1
) -> ServerSettings:
    """Return the settings.

    Args:
        given: Fields of `ServerSettings` that come before all else.
        environment: Variables, of which those that begin with ``AIOMILVUS_`` count.
        file: Path of a TOML file, or "" for none.
        workers: How many there are where nothing says it, and nothing needs a single one.

    Raises:
        ConnectionConfigException: The file can't be read, or a name or a value is none.
    """
    read = _from_file(file) if file else {}
    told = {name: _checked(name, value, f"`{name}`") for name, value in given.items()}
    chosen = {**read, **_from_environment(environment), **told}
    for name in _SECRETS:
        if chosen.get(name) == "":
            # As by a variable of a script that is not set: it was meant to guard the server.
            raise ConnectionConfigException(
                message=f"`{name}` is empty: give one, or leave it out to have none"
            )
    if not chosen.get("import_dir"):
        chosen.setdefault("workers", workers)
    return ServerSettings(**chosen)


def _checked(name: str, value: object, where: str) -> object:
    """Return a setting's value as its type has it.

    Args:
        name: Of the setting.
        value: As it was given, perhaps as text.
        where: Names the place that it was given at, for messages.

    Raises:
        ConnectionConfigException: It is none.
    """
    try:
        made: object = msgspec.convert(value, _TYPES[name], strict=False)
    except msgspec.ValidationError as error:
        shown = "its value" if name in _SECRETS else f"{value!r:.80}"
        message = f"{where} can't be {shown}: {str(error)[:1].lower()}{str(error)[1:]}"
        raise ConnectionConfigException(message=message) from None
    return made


def _from_file(file: str) -> dict[str, Any]:
    try:
        found = msgspec.toml.decode(Path(file).read_bytes())
    except OSError as error:
        raise ConnectionConfigException(message=f"can't read {file}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise ConnectionConfigException(message=f"{file} is no TOML: {error}") from None
    for name in found:
        if name not in ServerSettings.__struct_fields__:
            raise ConnectionConfigException(message=f"{file}: {_unknown(name)}")
    return {name: _checked(name, value, f"{file}: {name}") for name, value in found.items()}


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, ServerSettings.__struct_fields__, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no setting {name!r}{hint}"


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ServerSettings.__struct_fields__:
        variable = PREFIX + name.upper()
        text = environment.get(variable)
        if text is not None:
            found[name] = _checked(name, _parts(text) if name in _LISTS else text, variable)
    return found


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
