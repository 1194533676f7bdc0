"""Services that embed texts, over HTTP on the loopback: what is sent, what becomes of replies.

The service is the tests' own; its replies have the form that each provider publishes.
"""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from aiomilvus import MilvusException, NotSupportedError, ParamError, sentence_transformer
from aiomilvus.engine.providers.embeddings import embedder_of
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.model_service import QueuedAnswers, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOATS = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=2)
INTEGERS = Field(name="v", dtype=DataType.INT8_VECTOR, dim=2)


@pytest.fixture
def url() -> Iterator[str]:
    QueuedAnswers.queued, QueuedAnswers.requests = (), ()
    with listening(QueuedAnswers) as address:
        yield address


class Case(NamedTuple):
    """A provider: its parameters, where it is asked, and what is sent beside the texts."""

    provider: str
    params: dict[str, Any]
    path: str
    sent: dict[str, Any]
    stored: dict[str, Any]
    query: dict[str, Any]
    texts: str

    def made(self, url: str, **more: Any) -> dict[str, Any]:
        place = {"endpoint": url} if self.provider in ("tei", "vllm") else {"url": url + self.path}
        return {"provider": self.provider, **place, **self.params, **more}


MODEL = {"model_name": "m"}
CASES = [
    Case("openai", MODEL, "/v1/own", {"model": "m", "encoding_format": "float"}, {}, {}, "input"),
    Case(
        "vllm",
        {**MODEL, "truncate_prompt_tokens": "9"},
        "/v1/embeddings",
        {"model": "m", "encoding_format": "float", "truncate_prompt_tokens": 9},
        {},
        {},
        "input",
    ),
    Case("siliconflow", MODEL, "/own", {"model": "m", "encoding_format": "float"}, {}, {}, "input"),
    Case(
        "voyageai",
        {**MODEL, "truncation": "false"},
        "/own",
        {"model": "m", "output_dtype": "float", "truncation": False},
        {"input_type": "document"},
        {"input_type": "query"},
        "input",
    ),
    Case(
        "cohere",
        {**MODEL, "truncate": "none"},
        "/own",
        {"model": "m", "embedding_types": ["float"], "truncate": "NONE"},
        {"input_type": "search_document"},
        {"input_type": "search_query"},
        "texts",
    ),
    Case("tei", {"truncate": True}, "/embed", {"truncate": True}, {}, {}, "inputs"),
]
SERVICES = pytest.mark.parametrize("case", CASES, ids=lambda case: case.provider)


def reply(provider: str, *vectors: list[float], kind: str = "float") -> str:
    """Return a provider's answer; those that number vectors send the last first."""
    if provider == "tei":
        return json.dumps(vectors)
    if provider == "cohere":
        return json.dumps({"id": "1", "embeddings": {kind: vectors}, "texts": []})
    data = [{"object": "embedding", "index": at, "embedding": v} for at, v in enumerate(vectors)]
    return json.dumps({"object": "list", "data": data[::-1], "model": "m"})


@SERVICES
def test_a_service_is_asked_in_its_own_words(url: str, case: Case) -> None:
    first, last = [[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0]]
    QueuedAnswers.queued = (
        (200, reply(case.provider, *first)),
        (200, reply(case.provider, *last)),
        (200, reply(case.provider, *last)),
    )
    embedder = embedder_of(case.made(url, max_client_batch_size=2), FLOATS)
    assert embedder.embed(["a", "b", "c"]).values.tolist() == [*first, *last]
    assert embedder.embed(["q"], query=True).values.tolist() == last
    common = {"path": case.path, "key": "Bearer secret", **case.sent}
    assert QueuedAnswers.requests == (
        {**common, **case.stored, case.texts: ["a", "b"]},
        {**common, **case.stored, case.texts: ["c"]},
        {**common, **case.query, case.texts: ["q"]},
    )


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("openai", "dimensions"),
        ("vllm", "dimensions"),
        ("siliconflow", "dimensions"),
        ("voyageai", "output_dimension"),
        ("cohere", "output_dimension"),
    ],
)
def test_a_dimension_that_the_function_gives_is_asked_for(
    url: str, provider: str, name: str
) -> None:
    case = next(case for case in CASES if case.provider == provider)
    QueuedAnswers.queued = ((200, reply(provider, [1.0, 2.0])),)
    embedder_of(case.made(url, dim=2), FLOATS).embed(["a"])
    assert QueuedAnswers.requests[0][name] == 2


@pytest.mark.parametrize("provider", ["cohere", "voyageai"])
def test_whole_numbers_are_asked_for_where_the_field_holds_them(url: str, provider: str) -> None:
    case = next(case for case in CASES if case.provider == provider)
    QueuedAnswers.queued = ((200, reply(provider, [-128, 127], kind="int8")),)
    found = embedder_of(case.made(url), INTEGERS).embed(["a"])
    assert found.values.dtype == np.int8
    assert found.values.tolist() == [[-128, 127]]
    sent = QueuedAnswers.requests[0]
    assert (sent.get("embedding_types") or [sent["output_dtype"]]) == ["int8"]


@pytest.mark.parametrize("provider", ["openai", "vllm", "siliconflow", "tei"])
def test_a_service_of_floats_is_refused_for_a_field_of_whole_numbers(provider: str) -> None:
    case = next(case for case in CASES if case.provider == provider)
    with pytest.raises(ParamError, match="makes float vectors, field v is INT8"):
        embedder_of(case.made("http://127.0.0.1:1"), INTEGERS)


@SERVICES
def test_a_busy_service_is_asked_again(url: str, case: Case) -> None:
    QueuedAnswers.queued = ((429, "slow down"), (200, reply(case.provider, [1.0, 2.0])))
    assert embedder_of(case.made(url), FLOATS).embed(["a"]).values.tolist() == [[1.0, 2.0]]
    assert len(QueuedAnswers.requests) == 2


@pytest.mark.parametrize(
    ("status", "text", "message"),
    [
        (401, '{"message": "no key"}', "answered 401.*no key"),
        (200, "<html>", "answered no JSON"),
        (200, "[" * 9000, "answered no JSON"),
        (200, "{}", "answered"),
        (200, "one", "answered"),
        (200, "null", "answered"),
    ],
)
@SERVICES
def test_a_wrong_reply_is_an_error_at_once(
    url: str, case: Case, status: int, text: str, message: str
) -> None:
    QueuedAnswers.queued = ((status, reply(case.provider, [1.0, 2.0]) if text == "one" else text),)
    with pytest.raises(MilvusException, match=message) as caught:
        embedder_of(case.made(url), FLOATS).embed(["a", "b"])
    assert caught.value.code == 2
    assert len(QueuedAnswers.requests) == 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"provider": "cohere"}, "cohere needs a model_name"),
        ({"provider": "voyageai"}, "voyageai needs a model_name"),
        ({"provider": "siliconflow"}, "siliconflow needs a model_name"),
        ({"provider": "vllm", **MODEL}, "vllm needs an endpoint"),
        ({"provider": "cohere", **MODEL, "truncate": "middle"}, "truncate: 'MIDDLE' should be"),
        ({"provider": "voyageai", **MODEL, "truncation": 3}, "truncation: 3 should be true or"),
        ({"provider": "cohere", **MODEL, "user": "me"}, "cohere has no param 'user'"),
        ({"provider": "siliconflow", **MODEL, "api_key": "k"}, "keys are given to"),
        ({"provider": "openai", **MODEL, "max_client_batch_size": 0}, "max_client_batch_size"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_is_sent(
    params: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParamError, match=message):
        embedder_of(params, FLOATS)


def test_sentence_transformer_calls_the_library_as_it_should(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stand-in takes the library's place: what is tested is our call of it, no model."""
    calls: list[tuple[Any, ...]] = []

    class SentenceTransformer:
        def __init__(self, *args: Any, **options: Any) -> None:
            calls.append((args, options))

        def encode(self, texts: list[str], **options: Any) -> Any:
            calls.append((texts, options))
            return np.ones((len(texts), 2), np.float32)

    library = ModuleType("sentence_transformers")
    vars(library)["SentenceTransformer"] = SentenceTransformer
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    embed = sentence_transformer("name", device="cpu", normalize=False)
    assert np.asarray(embed(("a", "b"))).shape == (2, 2)
    encoding = {
        "normalize_embeddings": False,
        "convert_to_numpy": True,
        "show_progress_bar": False,
    }
    assert calls == [
        (("name",), {"device": "cpu", "trust_remote_code": False}),
        (["a", "b"], encoding),
    ]


def test_sentence_transformer_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(NotSupportedError, match="pip install 'aiomilvus\\[sentence-transformers"):
        sentence_transformer("name")
