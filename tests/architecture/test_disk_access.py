"""The engine reaches the disk through ``engine/storage`` alone, so no call escapes its tests."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGINE = Path(__file__).parents[2] / "src" / "aiomilvus" / "engine"
ALLOWED = {
    "external/rows.py": "the files of external collections are somebody else's, and only read",
    "external/source.py": "likewise",
    "index/kernels/store.py": "the cache of compiled kernels is no data of a database",
}
MODULES = {"shutil", "tempfile", "mmap", "glob"}
"""Modules whose functions touch files."""
OF_OS = {
    "getpid",
    "cpu_count",
    "environ",
    "register_at_fork",
    "setpriority",
    "PRIO_PROCESS",
    "nice",
}
"""What the engine may use of `os`: processes and threads, no files."""
NAMES = frozenset(
    "chmod exists glob hardlink_to is_dir is_file is_symlink iterdir lstat mkdir read_bytes "
    "read_text readlink rename rglob rmdir samefile stat symlink_to touch unlink walk write_bytes "
    "write_text fromfile memmap tofile".split()
)
"""Methods of paths and arrays that touch files."""


def offences(source: str) -> Iterator[str]:
    """Yield what a module does to the disk by itself."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            for module in modules:
                if module.split(".")[0] in MODULES:
                    yield f"line {node.lineno}: imports {module}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "open":
                yield f"line {node.lineno}: open()"
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if owner == "os" and node.attr not in OF_OS:
                yield f"line {node.lineno}: os.{node.attr}"
            elif (
                node.attr in NAMES and owner not in ("files", "collections") and not _of_files(node)
            ):
                yield f"line {node.lineno}: .{node.attr}"


def _of_files(node: ast.Attribute) -> bool:
    """Return whether a method is one of a `FileSystem`, or renames a collection in `Names`."""
    value = node.value
    return isinstance(value, ast.Attribute) and value.attr in ("files", "_files", "names")


def test_no_module_outside_storage_touches_the_disk():
    found = []
    for path in sorted(ENGINE.rglob("*.py")):
        name = path.relative_to(ENGINE).as_posix()
        if not name.startswith("storage/") and name not in ALLOWED:
            found += [f"{name}, {each}" for each in offences(path.read_text(encoding="utf-8"))]
    assert found == []


def test_each_way_to_the_disk_is_seen():
    for source in (
        "import shutil",
        "from tempfile import mkdtemp",
        "open('f')",
        "os.remove('f')",
        "path.unlink()",
        "(folder / 'x').exists()",
        "np.memmap(path)",
        "path.read_bytes()",
    ):
        assert list(offences(source)), source
    for source in ("os.getpid()", "self._files.exists(path)", "collection.files.unlink(path)"):
        assert list(offences(source)) == [], source
