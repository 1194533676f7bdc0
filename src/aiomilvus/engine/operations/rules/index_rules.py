"""What indexes may be called."""

from __future__ import annotations

import re

from aiomilvus.engine.names import MAX_NAME
from aiomilvus.errors import ParamError


def check_index_name(name: str) -> None:
    """Raise ParamError unless a name may be that of an index."""
    if len(name.encode()) > MAX_NAME:
        reason = f"The length of a index name must be less than {MAX_NAME} characters."
    elif not re.match(r"[A-Za-z_]", name):
        reason = "The first character of a index name must be an underscore or letter."
    elif not re.fullmatch(r"[A-Za-z0-9_\[\]]*", name):
        reason = "Index name can only contain numbers, letters, and underscores."
    else:
        return
    raise ParamError(message=f"Invalid index name: {name}. {reason}: invalid parameter")
