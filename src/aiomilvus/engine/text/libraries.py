"""The one place that imports the text libraries, each on first use.

They cost start-up time, and two are optional (the extras ``jieba`` and ``icu``): a process that
opens a database without text fields needs none of them.
"""

from __future__ import annotations

import importlib
import logging
import warnings
from functools import cache
from typing import Any

from aiomilvus.errors import ParamError


@cache
def tantivy() -> Any:
    """Return the tantivy module."""
    return importlib.import_module("tantivy")


@cache
def jieba() -> Any:
    """Return the jieba module, its log and its import warnings kept quiet."""
    with warnings.catch_warnings():
        # jieba 0.42 spells regular expressions in plain strings and probes pkg_resources.
        warnings.simplefilter("ignore")
        module = _optional("jieba", "the jieba tokenizer", "jieba")
    module.setLogLevel(logging.WARNING)
    return module


@cache
def icu_breakers() -> Any:
    """Return icu4py's break iterators."""
    return _optional("icu4py.breakers", "the icu tokenizer", "icu")


@cache
def stopwordsiso() -> Any:
    """Return the stopwordsiso module."""
    return importlib.import_module("stopwordsiso")


@cache
def xxhash() -> Any:
    """Return the xxhash module."""
    return importlib.import_module("xxhash")


def _optional(module: str, purpose: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        raise ParamError(
            message=f"{purpose} needs the package {module.partition('.')[0]}: "
            f"install it with `pip install 'aiomilvus[{extra}]'`"
        ) from missing
