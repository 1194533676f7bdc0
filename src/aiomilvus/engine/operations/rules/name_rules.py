"""What users, roles, privilege groups and snapshots may be called: Milvus' rules and words."""

from __future__ import annotations

import re

from aiomilvus.engine.names import MAX_NAME, fault_of_name
from aiomilvus.errors import ParamError, PrivilegeGroupNameError

MAX_USERNAME = 32
_PASSWORD_BYTES = range(6, 73)


def check_plain_name(name: str, what: str, also: str) -> None:
    """Raise ParamError unless `name` may name something.

    Args:
        name: The name given.
        what: ``role name``, ``snapshot name``, for the message.
        also: The characters that it may have besides letters, digits and underscores.
    """
    if not name.strip():
        raise _refused(f"{what} should be not empty")
    size = len(name.encode())
    if size > MAX_NAME:
        text = f"the length of {what} must be not greater than limit: invalid parameter"
        raise ParamError(message=f"{text}[{size} out of range 0 <= value <= {MAX_NAME}]")
    if not re.match(r"[A-Za-z_]", name):
        raise _refused(f"the first character of {what} must be an underscore or letter: {name!r}")
    found = re.search(rf"[^A-Za-z0-9_{re.escape(also)}]", name)
    if found is not None:
        text = f"{what} can only contain numbers, letters, underscores, and allowed characters"
        raise _refused(f"{text} ({also}), found {found[0]} at {found.start()}: {name!r}")


def check_username(name: str) -> None:
    """Raise ParamError unless `name` may be that of a user."""
    if not name.strip():
        raise _refused("username must be not empty")
    if len(name) > MAX_USERNAME:
        text = f"invalid username {name} with length {len(name)}"
        raise _refused(f"{text}, the length of username must be less than {MAX_USERNAME}")
    if not re.match(r"[A-Za-z]", name):
        text = f"invalid user name {name}, the first character must be a letter"
        raise _refused(f"{text}, but got {name[0]}")
    found = re.search(r"[^A-Za-z0-9_.\-]", name)
    if found is not None:
        text = f"invalid user name {name}, username must contain only numbers, letters"
        raise _refused(f"{text}, underscores, dots, and hyphens, but got {found[0]}")


def check_password(password: str) -> None:
    """Raise ParamError unless a user may have that password."""
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        raise _refused("a password can't have surrogates") from None
    if "\0" in password:
        raise _refused("a password can't have a NUL")
    if size not in _PASSWORD_BYTES:
        low, high = _PASSWORD_BYTES.start, _PASSWORD_BYTES.stop - 1
        message = "invalid password length: invalid parameter"
        raise ParamError(message=f"{message}[{size} out of range {low} <= value <= {high}]")


def check_privilege_group_name(name: str) -> None:
    """Raise unless `name` may be that of a privilege group.

    Raises:
        PrivilegeGroupNameError: It is empty, too long, or begins with no letter or underscore.
        ParamError: Another character is not allowed; Milvus has this code for that case alone.
    """
    what = "privilege group name"
    if not name:
        raise PrivilegeGroupNameError(message=f"{what} should not be empty")
    fault = fault_of_name(name, f"{what} {name}")
    if not fault:
        return
    if len(name.encode()) > MAX_NAME or not re.match(r"[A-Za-z_]", name):
        raise PrivilegeGroupNameError(message=f"{fault}: invalid {what}")
    raise _refused(fault)


def _refused(message: str) -> ParamError:
    return ParamError(message=f"{message}: invalid parameter")
