"""Every parameter of Milvus 3.0's functions, with a value it takes and one that it refuses.

`tests/behaviour/test_function_parameters.py` asks each of a collection's definition or of a search,
and holds the names in `docs/search.md` to these.
"""

from __future__ import annotations

from typing import Any, NamedTuple

URL = "https://models.example"


class FunctionParameter(NamedTuple):
    """One parameter.

    Attributes:
        kind: ``minhash``, ``embedding`` or a reranker.
        name: Of the parameter.
        good, bad: Values; None for `bad` where the service alone can judge.
        beside: What the function needs, too.
        said: What the refusal names; "" for the parameter.
    """

    kind: str
    name: str
    good: Any
    bad: Any
    beside: dict[str, Any] = {}  # noqa: RUF012 - a tuple's default, which nobody changes
    said: str = ""


def _asked(provider: str, **more: Any) -> dict[str, Any]:
    model = {} if provider.lower() == "tei" else {"model_name": "m"}
    return {"provider": provider, **model, **more}


def _embedding(
    provider: str, name: str, good: Any, bad: Any, said: str = "", **more: Any
) -> FunctionParameter:
    return FunctionParameter("embedding", name, good, bad, _asked(provider, **more), said)


MINHASH = tuple(
    FunctionParameter("minhash", name, good, bad)
    for name, good, bad in (
        ("num_hashes", 2, 0),
        ("shingle_size", 2, "few"),
        ("hash_function", "sha1", "md5"),
        ("token_level", "char", "line"),
        ("seed", 7, -1),
    )
)
_SERVICES: dict[str, dict[str, Any]] = {
    "openai": {},
    "azure_openai": {"url": URL},
    "dashscope": {},
    "gemini": {},
    "voyageai": {},
    "cohere": {},
    "siliconflow": {},
    "huggingface": {},
    "yc": {},
    "TEI": {"endpoint": URL},
    "vllm": {"endpoint": URL},
    "bedrock": {"region": "eu-west-1"},
    "vertexai": {"projectid": "p"},
}
"""Embedding providers, and what each needs beside a model."""
_ENDS = {"name": "truncation_direction", "good": "Left", "bad": "Up"}
EMBEDDING = (
    *(
        _embedding(provider, name, good, bad, **needed)
        for provider, needed in _SERVICES.items()
        for name, good, bad in (
            ("dim", 8, 4),
            ("timeout_ms", 500, "soon"),
            ("max_client_batch_size", 2, 0),
        )
    ),
    *(
        _embedding(provider, "model_name", "m2", "", **needed)
        for provider, needed in _SERVICES.items()
        if provider not in ("TEI", "vllm")
    ),
    *(
        _embedding(provider, "url", f"{URL}/v1", "ftp://models.example", said="model endpoint")
        for provider in _SERVICES
        if provider not in ("TEI", "vllm", "azure_openai", "bedrock", "vertexai")
    ),
    *(
        _embedding(provider, "endpoint", URL, "", **_SERVICES[provider])
        for provider in ("TEI", "vllm")
    ),
    _embedding("openai", "user", "ada", None),
    _embedding("azure_openai", "user", "ada", None, url=URL),
    _embedding("azure_openai", "url", URL, ""),
    _embedding("voyageai", "truncation", False, "no"),
    _embedding("cohere", "truncate", "START", "MIDDLE"),
    _embedding("gemini", "task", "CLUSTERING", None),
    _embedding("huggingface", "normalize", True, "yes"),
    _embedding("huggingface", "truncate", True, "yes"),
    _embedding("huggingface", **_ENDS),
    _embedding("huggingface", "prompt_name", "query", None),
    _embedding("huggingface", "hf_provider", "hf-inference", "other"),
    _embedding("bedrock", "region", "us-east-1", "the moon"),
    _embedding("bedrock", "normalize", True, "yes", **_SERVICES["bedrock"]),
    _embedding("bedrock", "url", URL, "ftp://x", "model endpoint", **_SERVICES["bedrock"]),
    _embedding("vertexai", "projectid", "p", "a b"),
    _embedding("vertexai", "location", "europe-west1", "the moon", **_SERVICES["vertexai"]),
    _embedding("vertexai", "task", "STS", "SOME", **_SERVICES["vertexai"]),
    _embedding("vertexai", "url", URL, "ftp://x", "model endpoint", **_SERVICES["vertexai"]),
    _embedding("TEI", "truncate", True, "yes", endpoint=URL),
    _embedding("TEI", **_ENDS, endpoint=URL),
    _embedding("TEI", "ingestion_prompt", "store ", None, endpoint=URL),
    _embedding("TEI", "search_prompt", "find ", None, endpoint=URL),
    _embedding("vllm", "model_name", "m2", None, endpoint=URL),
    _embedding("vllm", "truncate_prompt_tokens", 100, "few", endpoint=URL),
)
_DECAY = {"reranker": "decay", "function": "gauss", "origin": 0, "scale": 2}
DECAY = tuple(
    FunctionParameter("decay", name, good, bad, _DECAY)
    for name, good, bad in (
        ("function", "exp", "cubic"),
        ("origin", 3, "here"),
        ("scale", 4, 0),
        ("offset", 1, -1),
        ("decay", 0.3, 1),
        ("score_mode", "sum", "median"),
        ("norm_score", True, "yes"),
    )
)
_BOOST = {"reranker": "boost", "weight": 2}
BOOST = tuple(
    FunctionParameter("boost", name, good, bad, _BOOST, said)
    for name, good, bad, said in (
        ("weight", 0.5, "much", ""),
        ("filter", "k > 1", "nothing > 1", "nothing"),
        ("random_score", {"seed": 3, "field": "k"}, {"field": "t"}, "random seed"),
    )
)
_MODEL = {"reranker": "model", "queries": ["a"]}
MODEL = (
    FunctionParameter("model", "queries", ["b"], [], {**_MODEL, "provider": "lengths"}),
    FunctionParameter("model", "provider", "lengths", "nobody", _MODEL),
    FunctionParameter(
        "model", "max_client_batch_size", 2, 0, {**_MODEL, "provider": "lengths"}
    ),
    *(
        FunctionParameter("model", name, None, bad, {**_MODEL, **_asked(provider, **more)})
        for provider, name, bad, more in (
            ("cohere", "max_tokens_per_doc", "few", {}),
            ("cohere", "timeout_ms", 0, {}),
            ("cohere", "model_name", "", {}),
            ("voyageai", "truncation", "no", {}),
            ("siliconflow", "max_chunks_per_doc", "few", {}),
            ("siliconflow", "overlap_tokens", "few", {}),
            ("ali", "model_name", "", {}),
            ("huggingface", "hf_provider", "other", {}),
            ("huggingface", "timeout_ms", "soon", {}),
            ("tei", "truncation_direction", "Up", {"endpoint": URL}),
            ("tei", "truncate", "yes", {"endpoint": URL}),
            ("vllm", "truncate_prompt_tokens", "few", {"endpoint": URL}),
        )
    ),
)  # fmt: skip
RRF = tuple(
    FunctionParameter("rrf", name, good, bad, {"reranker": "rrf"})
    for name, good, bad in (("k", 10, 0), ("weights", [0.5, 1], [0.5]))
)
_WEIGHTED = {"reranker": "weighted", "weights": [0.5, 0.5]}
WEIGHTED = tuple(
    FunctionParameter("weighted", name, good, bad, _WEIGHTED, said)
    for name, good, bad, said in (
        ("weights", "[0.1, 0.2]", [2, 1], "weight"),
        ("norm_score", True, "yes", ""),
    )
)
OF_SCHEMAS = (*MINHASH, *EMBEDDING)
OF_SEARCHES = (*DECAY, *BOOST, *MODEL)
OF_HYBRIDS = (*RRF, *WEIGHTED)

NEVER = ("api_key", "credential", "integration_id")
"""Keys, which are given where the engine runs."""
