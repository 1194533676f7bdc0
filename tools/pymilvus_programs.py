"""Run pymilvus' example programs, and compare with what docs/compatibility-programs.md says.

    python -m tools.pymilvus_programs EXAMPLES [--python PYTHON] [NAME...]

EXAMPLES is the folder `examples` of a source distribution of pymilvus. Every program runs twice, on
a directory of its own: in the process, with ``import aiomilvus.as_pymilvus`` before its first line
and a path for its URI; and served, with the pymilvus of PYTHON (this one's by default, of the same
version as the examples) and the address of `aiomilvus serve`. Nothing else of a program is changed.
What a program needs and does not make is made for it: certificates, users, a database. NAMEs, as
the page writes them, choose programs.

A line is printed for each program, and those that do something else than the page says. Their
output is left in ``build/programs``.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import trustme

from aiomilvus import MilvusClient
from tools.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGE = ROOT / "docs" / "compatibility-programs.md"
FOLDER = ROOT / "build" / "programs"
LINE = "import aiomilvus.as_pymilvus\n"
PORT = "19530"
URI = re.compile(rf"https?://(localhost|[\d.]+):{PORT}")
TLS = ("--tls-cert", "cert/server.pem", "--tls-key", "cert/server.key")
OPTIONS: dict[str, tuple[str, ...]] = {
    "cert/example_tls1.py": TLS,
    "cert/example_tls2.py": (*TLS, "--tls-client-ca", "cert/ca.pem"),
    "orm/rbac.py": ("--auth",),
    "orm/role_and_privilege.py": ("--auth",),
}
"""What a program wants of its server, beyond an address."""
DATABASES = {"orm/role_and_privilege.py": "foo_db"}
"""A database that a program takes as there."""


class Outcome(NamedTuple):
    """How a program ended: with nothing to say, or with the last line of its complaint."""

    why: str
    seconds: float

    @property
    def cell(self) -> str:
        """What the page says of it."""
        return "—" if self.why else "runs"


def said(page: str) -> dict[str, tuple[str, str]]:
    """Return what the page says of each program: in this process, and served."""
    rows = re.findall(r"^\| `([\w/]+\.py)` \| (runs|—) \| (runs|—) \|", page, re.MULTILINE)
    return {name: (inside, served) for name, inside, served in rows}


def copy_of(examples: Path, way: str, name: str) -> Path:
    """Return a new folder with all the examples, because some import or read one another."""
    folder = FOLDER / way / name.replace("/", "__")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(examples, folder)
    return folder


def run(python: str, program: Path, folder: Path, limit: float, **more: str) -> Outcome:
    """Run a program for at most `limit` seconds; keep its output beside it."""
    began = monotonic()
    # Certificates are named from where all examples are, files of data from the program's folder.
    place = folder if program.parent.name == "cert" else program.parent
    with (folder / "output.txt").open("w+") as output:
        try:
            code = subprocess.run(
                [python, str(program)], cwd=place, env=without("PYTHONPATH") | more,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                timeout=limit, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            return Outcome(f"not done after {limit:.0f} s", monotonic() - began)
        output.seek(0)
        lines = output.read().strip().splitlines() or [f"exit code {code}"]
    return Outcome(lines[-1][:200] if code else "", monotonic() - began)


def without(*names: str) -> dict[str, str]:
    """Return the environment without some of it."""
    return {name: value for name, value in os.environ.items() if name not in names}


def path() -> str:
    """Return where the package is looked for: here first, then where it was."""
    return os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])


def in_process(examples: Path, name: str, limit: float) -> Outcome:
    """Run a program on the embedded engine."""
    folder = copy_of(examples, "inside", name)
    program = folder / name
    text = URI.sub("./example.db", program.read_text(encoding="utf-8"))
    text = text.replace("MilvusClient()", "MilvusClient('./example.db')")
    program.write_text(LINE + text, encoding="utf-8")
    return run(sys.executable, program, folder, limit, PYTHONPATH=path())


def served(examples: Path, name: str, limit: float, python: str) -> Outcome:
    """Run a program with its own pymilvus on a server."""
    folder = copy_of(examples, "served", name)
    program = folder / name
    if name.startswith("cert/"):
        make_certificates(folder / "cert")
    if name in DATABASES:
        with MilvusClient(str(folder / "served.db")) as client:
            client.create_database(DATABASES[name])
    with server(folder, *OPTIONS.get(name, ())) as port:
        for text in (program, *program.parent.glob("example.py")):
            text.write_text(at_port(text.read_text(encoding="utf-8"), port), encoding="utf-8")
        return run(python, program, folder, limit, MILVUS_URI=f"http://127.0.0.1:{port}")


def at_port(text: str, port: str) -> str:
    """Return a program with the address of a server in place of the usual one."""
    text = re.sub(rf"\b{PORT}\b", port, text)
    text = re.sub(r"connect\(host=(\w+), user=", rf"connect(host=\1, port={port}, user=", text)
    return text.replace("MilvusClient()", f"MilvusClient('http://127.0.0.1:{port}')")


@contextmanager
def server(folder: Path, *options: str) -> Iterator[str]:
    """Serve a new database in `folder`, and yield the port."""
    command = [sys.executable, "-m", "aiomilvus", "serve", "served.db", "--port", "0"]
    with (folder / "server.txt").open("w") as complaints, subprocess.Popen(
        [*command, "--json", *options], cwd=folder, env=os.environ | {"PYTHONPATH": path()},
        stdout=subprocess.PIPE, stderr=complaints, text=True,
    ) as process:  # fmt: skip
        try:
            yield announced(process.stdout or ())
        finally:
            process.terminate()


def announced(lines: Iterable[str]) -> str:
    """Return the port that a server says it listens on."""
    for line in lines:
        if found := re.search(r"https?://[\d.]+:(\d+)", line):
            return str(found[1])
    sys.exit(f"no server: see the files server.txt below {FOLDER}")


def make_certificates(folder: Path) -> None:
    """Replace the certificates of the examples, of which one lacks its key."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    for who in ("server", "client"):
        issued = authority.issue_cert("localhost", "127.0.0.1")
        issued.private_key_pem.write_to_path(str(folder / f"{who}.key"))
        issued.cert_chain_pems[0].write_to_path(str(folder / f"{who}.pem"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("examples", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--python", default=sys.executable, help="one that has pymilvus")
    parser.add_argument("--limit", type=float, default=300, help="seconds for each program")
    options = parser.parse_intermixed_args()
    page = said(PAGE.read_text(encoding="utf-8"))
    there = {str(path.relative_to(options.examples)) for path in options.examples.rglob("*.py")}
    different = [f"{name}: not on the page" for name in sorted(there - page.keys())]
    different += [f"{name}: not among the examples" for name in sorted(page.keys() - there)]
    for name in options.names or sorted(there):
        inside = in_process(options.examples, name, options.limit)
        by_server = served(options.examples, name, options.limit, options.python)
        print(f"{name}: {inside.why or 'runs'} | {by_server.why or 'runs'}", flush=True)
        if page.get(name) != (inside.cell, by_server.cell):
            different.append(
                f"{name}: {inside.cell}, served {by_server.cell}; not what the page says"
            )
    if different:
        sys.exit("\n".join(different))
    print("all as the page says")


if __name__ == "__main__":
    main()
