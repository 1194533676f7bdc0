"""What is wrong with the arguments of a call, in words from which an agent can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    Schema: TypeAlias = Mapping[str, Any]

_LONGEST_SHOWN = 60
_KINDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
_MANY = {"integer": "whole numbers", "number": "numbers", "object": "objects", "string": "texts"}


def unknown_arguments(tool: str, schema: Schema, arguments: Mapping[str, object]) -> str:
    """Return what to say of arguments that a tool does not have, "" where there are none.

    Args:
        tool: Its name.
        schema: The JSON schema of its parameters.
        arguments: What it was called with.
    """
    names = [f"`{name}`" for name in arguments if name not in schema["properties"]]
    if not names:
        return ""
    return f"{tool} has no parameter {' or '.join(names)}; {_taken(tool, schema)}"


def wrong_arguments(
    tool: str, schema: Schema, arguments: Mapping[str, object], wrong: Iterable[str]
) -> str:
    """Return what to say of arguments that are missing, or not of their type.

    Args:
        tool: Its name.
        schema: The JSON schema of its parameters.
        arguments: What it was called with.
        wrong: Names of the parameters that something is wrong with.
    """
    said = []
    for name in dict.fromkeys(wrong):
        allowed = kind_of(schema["properties"][name])
        if name in arguments:
            shown = f"{arguments[name]!r}"
            cut = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
            said.append(f"`{name}` should be {allowed}, but is {cut}")
        else:
            said.append(f"`{name}` is missing, which is {allowed}")
    return f"{'; '.join(said)}; {_taken(tool, schema)}"


def kind_of(spec: Schema) -> str:
    """Return what a parameter takes, as `a whole number`, from its JSON schema."""
    if "anyOf" in spec:
        kinds = [kind_of(each) for each in spec["anyOf"] if each.get("type") != "null"]
        return " or ".join(kinds)
    kind = spec.get("type", "")
    if kind == "array":
        return f"a list of {_MANY.get(spec['items'].get('type', ''), 'values')}"
    return _KINDS.get(kind, "any value")


def _taken(tool: str, schema: Schema) -> str:
    needed = schema.get("required", [])
    others = [name for name in schema["properties"] if name not in needed]
    said = f"{tool} needs {', '.join(needed) or 'nothing'}"
    return f"{said}, and takes {', '.join(others)}" if others else said
