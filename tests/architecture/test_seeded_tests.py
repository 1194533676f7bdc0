"""What a test draws depends on its own seed, not on which tests ran before it in the process."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tools import project

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = project.ROOT / "tests"
GENERATORS = {"default_rng", "Generator", "RandomState", "Random", "SystemRandom"}
MENTIONED = re.compile(
    rf"import random\b|from random import|\.random\.|\b({'|'.join(GENERATORS)})\("
)
KEEPERS = {"cache", "lru_cache", "cached_property"}


def _called(node: ast.AST) -> str:
    """Return the last name of what is called, "" where nothing is."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name
    return ""


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when a module is imported: all but the bodies of functions."""
    left = [node]
    while left:
        node = left.pop()
        yield node
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                left += [*node.decorator_list, node.args]
            case ast.Lambda():
                left.append(node.args)
            case _:
                left += ast.iter_child_nodes(node)


def _outlives_a_test(decorator: ast.AST) -> bool:
    """Tell whether a function's answer is kept for other tests."""
    name = getattr(decorator, "attr", getattr(decorator, "id", _called(decorator)))
    scopes = [word for word in getattr(decorator, "keywords", []) if word.arg == "scope"]
    return name in KEEPERS or any(word.value.value != "function" for word in scopes)


def _handed_out(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Return what a function returns or yields, by its value or by a variable's."""
    values: dict[str, ast.AST] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                values[name] = value
    for node in ast.walk(function):
        if isinstance(node, ast.Return | ast.Yield) and node.value:
            for part in ast.walk(node.value):
                yield values.get(part.id, part) if isinstance(part, ast.Name) else part


def _uses_of_the_process_own(nodes: list[ast.AST]) -> Iterator[int]:
    """Return the lines that draw from the one generator of `random`, or of numpy, or seed it."""
    for node in nodes:
        match node:
            case ast.ImportFrom(module="random", names=names):
                if any(name.name not in GENERATORS for name in names):
                    yield node.lineno
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="random"), attr=name
                )
            ):
                if name not in GENERATORS:
                    yield node.lineno
    imports = (node for node in nodes if isinstance(node, ast.Import))
    if not any(name.name == "random" for node in imports for name in node.names):
        return
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="random"), attr=name)):
                if name not in GENERATORS:
                    yield node.lineno


def shared_generators(text: str) -> list[int]:
    """Return the lines of a module that make a generator which several tests draw from."""
    if not MENTIONED.search(text):
        return []
    module = ast.parse(text)
    nodes = list(ast.walk(module))
    made: set[ast.AST] = {node for node in _run_at_import(module) if _called(node) in GENERATORS}
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            map(_outlives_a_test, node.decorator_list)
        ):
            made |= {part for part in _handed_out(node) if _called(part) in GENERATORS}
    for node in nodes:
        match node:  # drawn from on the spot, and then forgotten
            case ast.Call(func=ast.Attribute(value=ast.Call() as generator)):
                made.discard(generator)
    lines = {getattr(node, "lineno", 0) for node in made}
    return sorted(lines | set(_uses_of_the_process_own(nodes)))


@pytest.mark.parametrize(
    "text",
    [
        "RNG = np.random.default_rng(3)",
        "SOME: Random = Random(4)",
        "KINDS = {'a': partial(draw, random.Random(4))}",
        "class TestIt:\n    rng = default_rng(3)",
        "if True:\n    rng = np.random.RandomState(3)",
        "def draw(rng=np.random.default_rng(3)): ...",
        "@pytest.mark.parametrize('rng', [default_rng(3)])\ndef test_it(rng): ...",
        "@pytest.fixture(scope='module')\ndef rng():\n    return default_rng(3)",
        "@pytest.fixture(scope='session')\ndef rng():\n    one = default_rng(3)\n    yield one, 5",
        "@cache\ndef rng():\n    return default_rng(3)",
        "@functools.lru_cache(1)\ndef rng():\n    return default_rng(3)",
        "import random\n\ndef test_it():\n    random.seed(3)",
        "import random\n\ndef test_it():\n    assert random.random() < 1",
        "from random import shuffle",
        "def test_it():\n    np.random.seed(3)",
        "def test_it():\n    assert numpy.random.normal() < 9",
    ],
)
def test_a_generator_that_tests_share_is_seen(text: str) -> None:
    assert shared_generators(text)


@pytest.mark.parametrize(
    "text",
    [
        "VECTORS = np.random.default_rng(3).random((5, 4)).astype(np.float32)",
        "import random\nNUMBERS = [random.Random(n).randrange(5) for n in range(9)]",
        "def test_it():\n    rng = default_rng(3)",
        "RANDOM = lambda: default_rng(3)",
        "@pytest.fixture\ndef rng():\n    return default_rng(3)",
        "@pytest.fixture(scope='module')\ndef data():\n    return default_rng(3).random(5)",
    ],
)
def test_a_generator_of_one_test_is_allowed(text: str) -> None:
    assert not shared_generators(text)


def test_no_generator_outlives_a_test() -> None:
    found = [
        f"{path.relative_to(project.ROOT)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in shared_generators(path.read_text("utf-8"))
    ]
    assert not found, f"{found}: seed in each test, or in a function that it calls"
