"""The one place that imports the text libraries, each on first use.

They cost start-up time, and most are optional, each an extra of its own: a process that opens a
database without text fields needs none of them.
"""

from __future__ import annotations

import importlib
import logging
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from aiomilvus.errors import NotSupportedError, ParamError

if TYPE_CHECKING:
    from types import ModuleType

TextLibrary: TypeAlias = Any
"""A module, or something of it, that has no types."""


@cache
def tantivy() -> TextLibrary:
    """Return the tantivy module."""
    return _required("tantivy", "text analysis")


@cache
def jieba() -> TextLibrary:
    """Return the jieba module, its log and its import warnings kept quiet."""
    with warnings.catch_warnings():
        # jieba 0.42 spells regular expressions in plain strings and probes pkg_resources.
        warnings.simplefilter("ignore")
        module = _optional("jieba", "the jieba tokenizer", "jieba")
    module.setLogLevel(logging.WARNING)
    return module


@cache
def icu_breakers() -> TextLibrary:
    """Return icu4py's break iterators."""
    return _optional("icu4py.breakers", "the icu tokenizer", "icu")


@cache
def pypinyin() -> TextLibrary:
    """Return the pypinyin module."""
    return _optional("pypinyin", "the pinyin filter", "pinyin")


@cache
def lindera() -> TextLibrary:
    """Return the lindera module."""
    return _optional("lindera", "the lindera tokenizer", "lindera")


@cache
def whatlang() -> TextLibrary:
    """Return the whatlang module."""
    return _optional("whatlang", "the language identifier whatlang", "whatlang")


@cache
def lingua() -> TextLibrary:
    """Return the lingua module."""
    return _optional("lingua", "the language identifier lingua", "lingua")


@cache
def stopwordsiso() -> TextLibrary:
    """Return the stopwordsiso module."""
    return _required("stopwordsiso", "a list of stop words")


def _required(module: str, purpose: str) -> ModuleType:
    """Return a module that is always installed, but that not every system can load.

    Raises:
        NotSupportedError: This one can't: its library needs what the system lacks.
    """
    try:
        return importlib.import_module(module)
    except ImportError as failed:
        raise NotSupportedError(
            message=f"{purpose} needs the package {module}, which can't be loaded here ({failed}): "
            f"reinstall it with `pip install --force-reinstall {module}`; all else works without"
        ) from failed


def _optional(module: str, purpose: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        raise ParamError(
            message=f"{purpose} needs the package {module.partition('.')[0]}: "
            f"install it with `pip install 'aiomilvus[{extra}]'`"
        ) from missing
