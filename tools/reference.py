"""Make the reference pages of the documentation from docstrings and signatures.

`pages` returns them by their name under docs/; `tools.site` hands them to the site's builder, so
none of them is kept in the repository. A parameter is described by its method's ``Args``, or else
by `SHARED`, where what many methods take is described once.
"""

from __future__ import annotations

import inspect
import re
from enum import Enum
from typing import Any

import aiomilvus
from aiomilvus import AsyncMilvusClient, ErrorCode, MilvusClient, MilvusException, errors
from aiomilvus.client.aio.iterators import AsyncQueryIterator, AsyncSearchIterator
from aiomilvus.client.aio.running import AsyncOptimizeTask
from aiomilvus.client.aio.watching import AsyncWatcher
from aiomilvus.client.sync.iterators import QueryIterator, SearchIterator
from aiomilvus.client.sync.running import OptimizeTask
from aiomilvus.client.sync.watching import Watcher
from aiomilvus.expr.builder import Field, Filter
from tools import docstring_examples

ASYNC = (
    AsyncMilvusClient,
    AsyncQueryIterator,
    AsyncSearchIterator,
    AsyncOptimizeTask,
    AsyncWatcher,
)
SYNC = (MilvusClient, QueryIterator, SearchIterator, OptimizeTask, Watcher)

# What a parameter of this name means in every method that does not say otherwise.
SHARED = {
    "alias": "The alias.",
    "analyzer_names": "Which of the field's analyzers; for a field with one for each language.",
    "analyzer_params": "An analyzer's definition, as a field has it.",
    "cluster_id": "The cluster's id.",
    "clusters": "The clusters, each with its id and address.",
    "collection_name": "The collection, or an alias of it.",
    "cross_cluster_topology": "Which cluster replicates which.",
    "data_type": "The field's type.",
    "db_name": "The database; the client's by default.",
    "desc": "A description.",
    "description": "A description.",
    "detail": "Whether to return all that the server says of itself, as a dictionary.",
    "end_timetick": "The time to stop at.",
    "external_source": "Where the table is.",
    "external_spec": "How the table is stored.",
    "field_id": "The field's number, instead of its name.",
    "field_name": "The field.",
    "field_params": "The parameters to change, with their new values.",
    "field_schema": "The field to add.",
    "filter": "A filter expression, or a `Filter`.",
    "force_drop": "Whether to drop a role that has privileges.",
    "force_promote": "Whether to make this cluster the primary one without asking the others.",
    "func": "The function.",
    "function": "The function.",
    "function_name": "The function's name.",
    "group_name": "The group's name.",
    "ids": "Primary keys: one, or a list of them.",
    "index_name": "The index; its field's name, unless it was given another.",
    "index_params": "The indexes to make, from `prepare_index_params`.",
    "is_clustering": "Whether to sort rows by the clustering key.",
    "is_l0": "Whether to apply deletions only.",
    "job_id": "The job's number.",
    "kwargs": "Further options, each by its name; an unknown one is a `TypeError`.",
    "max_capacity": "Most structs in a row.",
    "name": "Its name.",
    "new_name": "The new name.",
    "new_password": "The new password.",
    "num_replica": "How many replicas.",
    "num_replicas": "How many replicas.",
    "old_name": "The present name.",
    "old_password": "The present password.",
    "output_fields": 'Fields to return; ``["*"]`` for all.',
    "partition_name": "The partition.",
    "partition_names": "The partitions; all of them by default.",
    "password": "The password: 6 to 72 characters.",
    "path": "A file.",
    "pchannel": "The physical channel.",
    "pin_id": "The pin's number, from `pin_snapshot_data`.",
    "privileges": "Names of privileges.",
    "properties": "Properties by name.",
    "property_keys": "Names of properties.",
    "reset_connection": "Whether to log in again with the new password.",
    "role_name": "The role.",
    "snapshot_name": "The snapshot's name.",
    "source": "The group to take them from.",
    "source_cluster_id": "The cluster that is replicated.",
    "source_collection_name": "The collection that the snapshot was made of.",
    "source_db_name": "Its database; the client's by default.",
    "source_group": "The group to take them from.",
    "start_message_id": "The message to start after.",
    "start_timetick": "The time to start at.",
    "states": "Only segments in these states; by default in any.",
    "struct_schema": "What a struct is made of.",
    "target": "The group to move them to.",
    "target_collection_name": "The collection to make.",
    "target_db": "The database to move it to; by default it stays.",
    "target_db_name": "The new collection's database; the client's by default.",
    "target_group": "The group to move them to.",
    "target_pchannel": "The physical channel that is replicated to.",
    "target_size": "How large merged segments may become.",
    "target_size_unit": "The unit of `target_size`: ``mb``, ``gb``, ….",
    "texts": "A text, or a list of texts.",
    "timeout": "Seconds; None for the client's own.",
    "ttl_seconds": "How long.",
    "user_name": "The user.",
    "with_detail": "Whether tokens come with their places.",
    "with_hash": "Whether tokens come with their hashes.",
}

PAGES = (
    "reference/async.md",
    "reference/sync.md",
    "reference/values.md",
    "reference/errors.md",
)

_SECTION = re.compile(
    r"^(Args|Attributes|Returns|Raises|Example):\n((?:    .*\n|\n)*)", re.MULTILINE
)
_ENTRY = re.compile(r"^\*{0,2}`?(?P<names>\w[\w`, *]*?)`?:\s+(?P<text>.*)", re.DOTALL)


def pages() -> dict[str, str]:
    """Return the reference pages: their text by their path under docs/."""
    return {
        "reference/async.md": _page("AsyncMilvusClient", ASYNC, docstring_examples.SETUP),
        "reference/sync.md": _page("MilvusClient", SYNC, docstring_examples.SYNC_SETUP),
        "reference/values.md": values_page(),
        "reference/errors.md": errors_page(),
    }


def methods(cls: type) -> dict[str, Any]:
    """Return the public methods of a class by name."""
    found = inspect.getmembers(cls, callable)
    return {name: method for name, method in found if not name.startswith("_")}


def _page(title: str, classes: tuple[type, ...], setup: str) -> str:
    parts = [
        f"# {title}",
        f"{_prose(inspect.getdoc(classes[0]) or '')}",
        "Every example on this page runs in the tests. It starts from this"
        + (", in `python -m asyncio` or a notebook:" if "await" in setup else ":"),
        f"```python\n{setup}```",
    ]
    for cls in classes:
        if cls is not classes[0]:
            parts += [f"## {cls.__name__}", _prose(inspect.getdoc(cls) or "")]
        prefix = "" if cls is classes[0] else f"{cls.__name__}."
        for name, method in methods(cls).items():
            parts += _method(prefix + name, method)
    return "\n\n".join(parts) + "\n"


def _method(title: str, method: Any) -> list[str]:
    text = (inspect.getdoc(method) or "") + "\n"
    sections = {found[1]: inspect.cleandoc(found[2]) for found in _SECTION.finditer(text)}
    parts = [f"## {title}" if "." not in title else f"### {title}", _prose(text)]
    table = _parameters(method)
    if table:
        parts.append(
            "\n".join(["| parameter | type | default | what |", "|---|---|---|---|", *table])
        )
    returned = inspect.signature(method).return_annotation
    parts.append(f"Returns `{returned}`" + _said(sections.get("Returns")) + ".")
    if "Raises" in sections:
        parts.append("Raises:\n\n" + _list(sections["Raises"]))
    examples = docstring_examples.examples(method)
    if examples:
        parts.append(f"```python\n{docstring_examples.as_code(examples)}\n```")
    return parts


def _said(text: str | None) -> str:
    return "" if text is None else ": " + _inline(text).rstrip(".")


def described(method: Any) -> dict[str, str]:
    """Return what each parameter of a method means; "" for one that nothing describes."""
    text = (inspect.getdoc(method) or "") + "\n"
    sections = {found[1]: inspect.cleandoc(found[2]) for found in _SECTION.finditer(text)}
    own = {}
    for entry in _entries(sections.get("Args", "")):
        parsed = _ENTRY.match(entry)
        for name in parsed["names"].split(",") if parsed else ():
            own[name.strip(" `*")] = _inline(parsed["text"]) if parsed else ""
    names = [name for name in inspect.signature(method).parameters if name not in {"self", "cls"}]
    return {name: own.get(name) or _inline(SHARED.get(name, "")) for name in names}


def _parameters(method: Any) -> list[str]:
    signature = inspect.signature(method).parameters
    rows = []
    for name, meaning in described(method).items():
        found = signature[name]
        default = "" if found.default is found.empty else f"`{found.default!r}`"
        stars = "**" if found.kind is found.VAR_KEYWORD else ""
        cells = (f"`{stars}{name}`", f"`{found.annotation}`", default, meaning)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return rows


def _entries(section: str) -> list[str]:
    return [entry for entry in re.split(r"\n(?=\S)", section) if entry.strip()]


def _list(section: str) -> str:
    pairs = (entry.partition(":") for entry in _entries(section))
    return "\n".join(f"* `{name}`: {_inline(text)}" for name, _, text in pairs)


def _prose(docstring: str) -> str:
    """Return a docstring without its sections."""
    return _SECTION.sub("", docstring + "\n").replace("``", "`").strip()


def _inline(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def values() -> dict[str, Any]:
    """Return the public classes and functions beside clients and errors, by name."""
    found = {name: getattr(aiomilvus, name) for name in sorted(aiomilvus.__all__)}
    kinds = {"Field": Field, "Filter": Filter}
    return {
        name: value
        for name, value in {**found, **kinds}.items()
        if callable(value)
        and value not in (AsyncMilvusClient, MilvusClient, ErrorCode)
        and not (inspect.isclass(value) and issubclass(value, MilvusException))
    }


def values_page() -> str:
    """Return the page of what an application builds, and of what it is answered."""
    intro = (
        "The classes and functions of `aiomilvus` beside the clients: schemas, parameters, "
        "requests and rankers that an application builds, and what methods return. Every example "
        "runs in the tests; it starts from what those of [AsyncMilvusClient](async.md) start from."
    )
    parts = ["# What is built and answered", intro]
    for name, value in values().items():
        parts += _class(name, value) if inspect.isclass(value) else _method(name, value)
    return "\n\n".join(parts) + "\n"


def _class(name: str, cls: type) -> list[str]:
    text = (inspect.getdoc(cls) or "") + "\n"
    sections = {found[1]: inspect.cleandoc(found[2]) for found in _SECTION.finditer(text)}
    parts = [f"## {name}", _prose(text)]
    if issubclass(cls, Enum):
        rows = [f"| `{each.name}` | `{each.value!r}` |" for each in cls]
        return [*parts, "\n".join(["| name | value |", "|---|---|", *rows])]
    titles = [title for title in ("Args", "Attributes", "Raises") if title in sections]
    parts += [f"{title}:\n\n{_list(sections[title])}" for title in titles]
    examples = docstring_examples.examples(cls)
    if examples:
        parts.append(f"```python\n{docstring_examples.as_code(examples)}\n```")
    for method, found in sorted(vars(cls).items()):
        called = getattr(cls, method)
        if not method.startswith("_") and callable(called) and not inspect.isclass(called):
            documented = inspect.getdoc(found) is not None
            parts += _method(f"{name}.{method}", called) if documented else []
    return parts


def errors_page() -> str:
    """Return the page of error codes: every exception, its code and what it means."""
    classes = [
        found
        for found in vars(errors).values()
        if inspect.isclass(found) and issubclass(found, MilvusException)
    ]
    rows = [
        f"| `{found.__name__}` | {int(found.default_code)} | "
        f"{_inline((inspect.getdoc(found) or '').partition(chr(10) * 2)[0])} |"
        for found in sorted(classes, key=lambda each: (int(each.default_code), each.__name__))
    ]
    intro = (
        "# Error codes\n\nEvery error is a `MilvusException` with Milvus' own number in `code` and "
        "its text in `message`; the same failure has the same class, whether the database is "
        "embedded or on a server. Catch the class, or branch on the code.\n\n"
        "| class | code | what it means |\n|---|---|---|\n"
    )
    return intro + "\n".join(rows) + "\n"
