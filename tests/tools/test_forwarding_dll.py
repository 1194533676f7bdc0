"""A DLL that only names another's function, read as Windows reads one."""

from __future__ import annotations

import struct

from tools.forwarding_dll import dll


def text_at(content: bytes, offset: int) -> str:
    return content[offset : content.index(b"\0", offset)].decode()


def test_its_one_export_is_the_name_of_another_dlls_function():
    content = dll("own.dll", "Wanted", "other.Function")
    assert content[:2] == b"MZ"
    (header,) = struct.unpack_from("<I", content, 60)
    assert content[header : header + 4] == b"PE\0\0"
    machine, sections = struct.unpack_from("<HH", content, header + 4)
    assert (machine, sections) == (0x8664, 1)
    optional = header + 24
    exports, size = struct.unpack_from("<II", content, optional + 112)
    section = optional + 240
    memory_size, memory, file_size, file = struct.unpack_from("<IIII", content, section + 8)
    assert (exports, size) == (memory, memory_size)
    assert len(content) == file + file_size
    shift = file - memory  # from addresses in memory to places in the file
    name, base, functions, names, first, named, places = struct.unpack_from(
        "<7I", content, exports + shift + 12
    )
    assert (base, functions, names) == (1, 1, 1)
    assert text_at(content, name + shift) == "own.dll"
    (function,) = struct.unpack_from("<I", content, first + shift)
    (exported,) = struct.unpack_from("<I", content, named + shift)
    assert struct.unpack_from("<H", content, places + shift) == (0,)
    assert text_at(content, exported + shift) == "Wanted"
    # An address within the export directory is the name of what is meant, no code.
    assert memory <= function < memory + size
    assert text_at(content, function + shift) == "other.Function"
