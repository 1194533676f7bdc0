"""Write a Windows DLL that has one function: another DLL's, under a name of its own.

    python3 -m tools.forwarding_dll bcryptprimitives.dll ProcessPrng advapi32.SystemFunction036

A DLL may name another's function in place of code, so this needs no compiler. `tools/windows.sh`
gives Wine 8 what Rust's standard library takes random numbers from, which it does not have itself.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

_FILE_UNIT, _MEMORY_UNIT = 0x200, 0x1000
_DIRECTORY = struct.Struct("<IIHHIIIIIII")
_TABLES = struct.Struct("<IIH")
_COFF = struct.Struct("<HHIIIHH")
_OPTIONAL = struct.Struct("<HBBIIIIIQIIHHHHHHIIIIHHQQQQII")
_SECTION = struct.Struct("<8sIIIIIIHHI")
_DATA_DIRECTORIES = 16
_AMD64, _PE32_PLUS, _RELOCATABLE_DLL = 0x8664, 0x20B, 0x2022
_READABLE_DATA = 0x40000040


def dll(name: str, exported: str, target: str) -> bytes:
    """Return a 64-bit DLL called `name` whose function `exported` is `target`, `dll.function`."""
    exports = _exports(name, exported, target)
    content = exports.ljust(-(-len(exports) // _FILE_UNIT) * _FILE_UNIT, b"\0")
    directories = struct.pack("<II", _MEMORY_UNIT, len(exports)).ljust(8 * _DATA_DIRECTORIES, b"\0")
    optional = _OPTIONAL.pack(
        _PE32_PLUS, 14, 0, 0, len(content), 0, 0, 0,
        0x180000000, _MEMORY_UNIT, _FILE_UNIT, 6, 0, 0, 0, 6, 0, 0,
        2 * _MEMORY_UNIT, _FILE_UNIT, 0, 2, 0x160, 1 << 20, 1 << 12, 1 << 20, 1 << 12,
        0, _DATA_DIRECTORIES,
    ) + directories  # fmt: skip
    coff = _COFF.pack(_AMD64, 1, 0, 0, 0, len(optional), _RELOCATABLE_DLL)
    section = _SECTION.pack(
        b".edata", len(exports), _MEMORY_UNIT, len(content), _FILE_UNIT, 0, 0, 0, 0, _READABLE_DATA
    )
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    return (dos + b"PE\0\0" + coff + optional + section).ljust(_FILE_UNIT, b"\0") + content


def _exports(name: str, exported: str, target: str) -> bytes:
    """Return the section that says what the DLL offers, which lies at `_MEMORY_UNIT`."""
    tables = _MEMORY_UNIT + _DIRECTORY.size
    places, texts = [], b""
    for text in (name, exported, target):
        places.append(tables + _TABLES.size + len(texts))
        texts += text.encode() + b"\0"
    directory = _DIRECTORY.pack(
        0, 0, 0, 0, places[0], 1, 1, 1, tables, tables + 4, tables + 8
    )  # a function that lies within this section is the name of another
    return directory + _TABLES.pack(places[2], places[1], 0) + texts


if __name__ == "__main__":
    path, exported, target = sys.argv[1:]
    Path(path).write_bytes(dll(Path(path).name, exported, target))
