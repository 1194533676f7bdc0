"""Files of databases: what ``stop_words_file``, ``synonyms_file`` and others mean.

They hold words, a line each, for analyzers; or models, which function chains name.

An analyzer names a file of its database. When a schema is stored the name is pinned to the
file's content by its checksum, so that an analyzer never changes while a collection uses it.
Contents are kept by checksum for the whole process: the same one is the same in any database.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiomilvus.engine.text.analyzer_params import check_keys, refuse, string
from aiomilvus.model.json_text import decode_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.resources import FileResource

_KEYS = ("stop_words_file", "word_list_file", "extra_dict_file", "synonyms_file")
_FILE_KEYS = {"type", "resource_name", "file_name", "checksum"}
_contents: dict[str, list[str]] = {}
_models: dict[str, bytes] = {}
"""Contents that may be models: binary JSON, which begins with a brace, and what is no text."""
_lock = threading.Lock()


def checksum_of(content: bytes) -> str:
    """Return the checksum that names a file's content."""
    return hashlib.sha256(content).hexdigest()


def provide(content: bytes) -> str:
    """Let analyzers and chains use a file; return its checksum.

    Args:
        content: For analyzers UTF-8, a word a line; empty lines count for nothing.
    """
    checksum = checksum_of(content)
    lines: list[str] | None = None
    with suppress(UnicodeDecodeError):  # a model, or else refused where an analyzer names it
        lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    with _lock:
        if lines is not None:
            _contents[checksum] = [line for line in lines if line]
        if lines is None or content.startswith(b"{"):
            _models[checksum] = content
    return checksum


def content_of(checksum: str) -> bytes | None:
    """Return the content of a file that may be a model, None if there is none."""
    return _models.get(checksum)


def lines_in(params: Mapping[str, Any], key: str, owner: str) -> list[str]:
    """Return the lines of the file at `key` of analyzer params, none where there is none.

    Raises:
        ParamError: It is no reference to a file, or the file is not registered.
    """
    if key not in params:
        return []
    spec = params[key]
    if not isinstance(spec, dict):
        refuse(f"{owner} {key} should be a json map, got {spec!r}")
    kind = string(spec, "type", f"{owner} {key}")
    if kind != "remote":
        refuse(
            f'{owner} {key} type should be "remote", got {kind!r}: add_file_resource() registers '
            "a local file"
        )
    check_keys(spec, _FILE_KEYS, f"{owner} {key}")
    name = string(spec, "resource_name", f"{owner} {key}")
    found = _contents.get(str(spec.get("checksum", "")))
    if found is None and spec.get("checksum") in _models:
        refuse(f"file resource {name} should be UTF-8 text, a word a line")
    if found is None:
        refuse(f"file resource {name} is not registered")
    return list(found)


def pinned(params: Mapping[str, Any] | str, known: Mapping[str, FileResource]) -> str:
    """Return analyzer params, as JSON text, with the checksum of each file that they name.

    Args:
        params: Of an analyzer or of several, as text or object.
        known: The files of the database, by name.

    Raises:
        ParamError: A file is not registered, or registered with another content.
    """
    text = params if isinstance(params, str) else json.dumps(params, ensure_ascii=False)
    if not any(key in text for key in _KEYS):
        return text
    plain = decode_json(text, "analyzer params")
    return json.dumps(_pinned(plain, known), ensure_ascii=False)


def checksums_in(params: str) -> set[str]:
    """Return the checksums of the files that pinned params name."""
    found: set[str] = set()
    if any(key in params for key in _KEYS):
        _collect(json.loads(params), found)
    return found


def _pinned(value: Any, known: Mapping[str, FileResource]) -> Any:
    if isinstance(value, list):
        return [_pinned(each, known) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _reference(each, known) if key in _KEYS else _pinned(each, known)
        for key, each in value.items()
    }


def _reference(spec: Any, known: Mapping[str, FileResource]) -> Any:
    if not isinstance(spec, dict) or spec.get("type") != "remote":
        return spec
    resource = known.get(str(spec.get("resource_name", "")))
    if resource is None:
        names = ", ".join(sorted(known)) or "none"
        refuse(f"file resource {spec.get('resource_name')} not found (registered: {names})")
    if spec.get("checksum", resource.checksum) != resource.checksum:
        refuse(f"file resource {resource.name} has another content than the analyzer expects")
    return {**spec, "checksum": resource.checksum}


def _collect(value: Any, found: set[str]) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            if key in _KEYS and isinstance(each, dict):
                found.add(str(each.get("checksum", "")))
            else:
                _collect(each, found)
    elif isinstance(value, list):
        for each in value:
            _collect(each, found)
