"""Write docs/signatures.txt: every public name with its signature, so that none changes unseen.

    python -m tools.public_signatures            write the file
    python -m tools.public_signatures --check    exit 1 when it is stale

`make format` writes it and `make lint` compares: a change of the public interface is a line of
the diff. Listed are the names of `aiomilvus` and of the modules in ``MODULES``, which have import
paths of pymilvus' own; of a class its constructor, public methods, properties and constants,
its own and those inherited from classes of ours; and the keywords that ``**kwargs`` takes.
"""

from __future__ import annotations

import argparse
import builtins
import enum
import inspect
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, is_typeddict

import aiomilvus
from aiomilvus.client import options
from tools import project

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = project.ROOT / "docs" / "signatures.txt"

# What users import from: pymilvus has function_chain as a module too.
MODULES = ("aiomilvus", "aiomilvus.function_chain", "aiomilvus.server")

# What users are handed without importing it: filters, information objects, iterators, jobs, and
# the functions behind `function_chain.fn`.
HANDED_OUT = (
    "aiomilvus.client.aio.iterators",
    "aiomilvus.client.aio.optimizing",
    "aiomilvus.client.aio.running",
    "aiomilvus.client.inputs.chain_functions",
    "aiomilvus.client.results.infos",
    "aiomilvus.client.results.snapshot_infos",
    "aiomilvus.client.sync.iterators",
    "aiomilvus.client.sync.optimizing",
    "aiomilvus.client.sync.running",
    "aiomilvus.expr.builder",
    "aiomilvus.expr.templates",
)

_PLAIN = (str, int, float, bool, type(None))


def page() -> str:
    """Return the file's text."""
    lines = [line for module in MODULES for line in _module_lines(module)]
    handed_out = [line for module in HANDED_OUT for line in _definition_lines(module)]
    return "\n".join([*lines, *handed_out, *_option_lines()]) + "\n"


def _definition_lines(module: str) -> Iterator[str]:
    """Yield the lines of the public functions and classes that a module defines."""
    for name, value in sorted(vars(import_module(module)).items()):
        if getattr(value, "__module__", None) == module and not name.startswith("_"):
            yield from described(f"{module}.{name}", value)


def _option_lines() -> Iterator[str]:
    for name, found in sorted(vars(options).items()):
        if is_typeddict(found):
            yield f"options {name}"
            yield from (
                f"    {option}: {getattr(annotation, '__forward_arg__', annotation)}"
                for option, annotation in sorted(found.__annotations__.items())
            )


def _module_lines(module: str) -> Iterator[str]:
    found = import_module(module)
    for name in sorted(found.__all__):
        if name != "__version__":
            yield from described(f"{module}.{name}", getattr(found, name))


def described(name: str, value: Any) -> Iterator[str]:
    """Yield the lines that describe one public object under this name."""
    if inspect.ismodule(value):  # its repr has the path it was loaded from
        yield f"module {name} = {value.__name__}"
        return
    if not inspect.isclass(value):
        yield f"{name}{_signature(value)}" if callable(value) else f"{name} = {value!r}"
        return
    bases = [base.__name__ for base in value.__bases__ if base is not object]
    shown = [base for base in bases if base in aiomilvus.__all__ or hasattr(builtins, base)]
    yield f"class {name}({', '.join(shown)})"
    if not issubclass(value, enum.Enum):
        yield f"    __init__{_signature(value)}"
    for member in sorted(_public_members(value)):
        yield f"    {_member(member, inspect.getattr_static(value, member))}"


def _public_members(value: type) -> set[str]:
    """Return the public names that the class, or a class of ours below it, defines."""
    ours = [base for base in value.__mro__ if base.__module__.split(".")[0] == "aiomilvus"]
    return {name for base in ours for name in vars(base) if not name.startswith("_")}


def _member(name: str, found: object) -> str:
    if isinstance(found, property):
        getter = "" if found.fget is None else _returned(found.fget)
        return f"property {name}{getter}{'' if found.fset is None else ', can be set'}"
    if isinstance(found, staticmethod | classmethod):
        return f"{type(found).__name__} {name}{_signature(found.__func__)}"
    if inspect.isfunction(found):
        kind = "async " if inspect.iscoroutinefunction(found) else ""
        return f"{kind}{name}{_signature(found)}"
    if isinstance(found, enum.Enum):
        return f"{name} = {found.value!r}"
    return f"{name} = {found!r}" if isinstance(found, _PLAIN) else f"attribute {name}"


def _returned(getter: Any) -> str:
    return f" -> {inspect.signature(getter).return_annotation}"


def _signature(function: Any) -> str:
    try:
        signature = inspect.signature(function)
    except ValueError:
        return "(…)"
    # Annotations are texts already; printed as they stand, not as texts in quotes.
    parameters = [
        each.replace(annotation=_Shown(each.annotation))
        if each.annotation is not each.empty
        else each
        for each in signature.parameters.values()
    ]
    returned = signature.return_annotation
    if returned is not signature.empty:
        returned = _Shown(returned)
    return str(signature.replace(parameters=parameters, return_annotation=returned))


class _Shown:
    """An annotation that prints as it is written in the source."""

    def __init__(self, annotation: object) -> None:
        self._text = (
            annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
        )

    def __repr__(self) -> str:
        return self._text


def main(arguments: list[str] | None = None) -> int:
    """Write or compare the file; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    wanted = page()
    if parser.parse_args(arguments).check:
        current = PAGE.read_text("utf-8") if PAGE.exists() else ""
        if current == wanted:
            print("public signatures: docs/signatures.txt is what the code has")
            return 0
        for line in sorted({*wanted.splitlines()} ^ {*current.splitlines()}):
            print(f"docs/signatures.txt: {'+' if line in wanted else '-'} {line.strip()}")
        print("if that is meant: make format")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
