"""Models in Amazon's and Google's clouds: what is sent, how it is signed, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from aiomilvus import ModelError, ParamError, allow_model_endpoint
from aiomilvus.engine.providers import google_tokens
from aiomilvus.engine.providers.aws_signature import Credentials, signed
from aiomilvus.engine.providers.embeddings import embedder_of
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.model_service import ModelService, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLOATS = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=2)
VECTOR = [1.0, 2.0]
TITAN = "amazon.titan-embed-text-v2:0"
PREDICT = "/projects/p-1/locations/us-central1/publishers/google/models/m:predict"


class Cloud(ModelService):
    """Answers both clouds' questions, and gives tokens to who signs for them."""

    seen: tuple[tuple[dict[str, str], bytes], ...] = ()
    forms: tuple[dict[str, list[str]], ...] = ()
    answer: object = None

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        content = self.rfile.read(int(self.headers["Content-Length"]))
        cls = type(self)
        if self.path == "/token":
            cls.forms = (*cls.forms, parse_qs(content.decode()))
            told: object = {"access_token": f"token-{len(cls.forms)}", "expires_in": 3600}
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            cls.seen = (*cls.seen, ({"path": self.path, **headers}, content))
            told = cls.answer
        reply = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def reply(self, body: dict[str, Any]) -> tuple[int, str]:
        raise NotImplementedError


@pytest.fixture
def url() -> Iterator[str]:
    Cloud.seen, Cloud.forms, Cloud.answer = (), (), None
    with listening(Cloud) as address:
        yield address


def test_bedrock_is_asked_for_one_text_at_a_time_and_signed(url: str) -> None:
    allow_model_endpoint(url, "ID:sec/ret:session")
    Cloud.answer = {"embedding": VECTOR}
    params = {"provider": "bedrock", "model_name": TITAN, "region": "eu-west-1", "url": url}
    embedder = embedder_of({**params, "dim": 2, "normalize": "false"}, FLOATS)
    assert embedder.embed(["a", "b"]).values.tolist() == [VECTOR, VECTOR]
    assert [json.loads(content) for _, content in Cloud.seen] == [
        {"inputText": text, "dimensions": 2, "normalize": False} for text in ("a", "b")
    ]
    headers, content = Cloud.seen[0]
    path = "/model/amazon.titan-embed-text-v2%3A0/invoke"
    assert headers["path"] == path
    moment = datetime.strptime(headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
    expected = signed(
        "POST",
        url + path,
        {"content-type": headers["content-type"]},
        content,
        Credentials("ID", "sec/ret", "session"),
        "eu-west-1",
        "bedrock",
        moment,
    )
    assert headers["authorization"] == expected["Authorization"]
    assert headers["x-amz-security-token"] == "session"


def test_bedrock_is_asked_where_the_region_is() -> None:
    params = {"provider": "bedrock", "model_name": TITAN, "region": "us-east-1"}
    address = r"https://bedrock-runtime\.us-east-1\.amazonaws\.com/model/.* is not allowed"
    with pytest.raises(ParamError, match=address):
        embedder_of(params, FLOATS).embed(["a"])


def test_vertex_is_told_the_task_and_whether_a_text_is_searched_for(url: str) -> None:
    allow_model_endpoint(url, "ya29.token")
    Cloud.answer = {"predictions": [{"embeddings": {"values": VECTOR}}] * 2}
    params = {"provider": "vertexai", "model_name": "m", "projectid": "p-1", "url": url}
    for task, stored, searched in (
        ({}, "RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY"),
        ({"task": "CODE_RETRIEVAL"}, "RETRIEVAL_DOCUMENT", "CODE_RETRIEVAL_QUERY"),
        ({"task": "STS", "dim": 2}, "SEMANTIC_SIMILARITY", "SEMANTIC_SIMILARITY"),
    ):
        for query, kind in ((False, stored), (True, searched)):
            found = embedder_of({**params, **task}, FLOATS).embed(["a", "b"], query=query)
            assert found.values.tolist() == [VECTOR, VECTOR]
            headers, content = Cloud.seen[-1]
            size = {"parameters": {"outputDimensionality": 2}} if "dim" in task else {}
            asked = [{"task_type": kind, "content": text} for text in ("a", "b")]
            assert json.loads(content) == {"instances": asked, **size}
            assert headers["path"] == PREDICT
            assert headers["authorization"] == "Bearer ya29.token"


@pytest.fixture
def account(url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Any]:
    """Return a service account as JSON, and its public key."""
    monkeypatch.setattr(google_tokens, "_kept", {})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    told = {
        "type": "service_account",
        "client_email": "me@p-1.iam",
        "private_key": pem.decode(),
        "private_key_id": "k1",
        "token_uri": f"{url}/token",
    }
    return json.dumps(told), key.public_key()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def ask(url: str) -> None:
    Cloud.answer = {"predictions": [{"embeddings": {"values": VECTOR}}]}
    params = {"provider": "vertexai", "model_name": "m", "projectid": "p-1", "url": url}
    embedder_of(params, FLOATS).embed(["a"])


def test_a_service_account_signs_for_a_token_that_is_kept(
    url: str, account: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    text, public = account
    allow_model_endpoint(url, text)
    ask(url)
    ask(url)
    [form] = Cloud.forms
    assert [headers["authorization"] for headers, _ in Cloud.seen] == ["Bearer token-1"] * 2
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    head, claims, signature = form["assertion"][0].split(".")
    public.verify(
        decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    told = json.loads(decoded(claims))
    assert (told["iss"], told["aud"]) == ("me@p-1.iam", f"{url}/token")
    assert told["exp"] - told["iat"] == 3600
    name = hashlib.sha256(text.encode()).digest()
    monkeypatch.setattr(google_tokens._kept[name], "until", 0.0)
    ask(url)
    assert Cloud.seen[-1][0]["authorization"] == "Bearer token-2"


def test_one_account_waits_for_no_token_of_another(account: tuple[str, Any]) -> None:
    text = account[0]
    other = json.dumps({**json.loads(text), "client_email": "other@p-1.iam"})
    asked, go_on = threading.Event(), threading.Event()

    def slow(url: str, form: bytes) -> bytes:
        asked.set()
        assert go_on.wait(60)
        return b'{"access_token": "slow"}'

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(google_tokens.token_of, text, slow)
        assert asked.wait(60)
        quick = google_tokens.token_of(other, lambda url, form: b'{"access_token": "quick"}')
        assert (quick, waiting.done()) == ("quick", False)
        go_on.set()
        assert waiting.result(60) == "slow"


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b'{"access_token": 3}'])
def test_an_answer_without_a_token_is_told(account: tuple[str, Any], answer: bytes) -> None:
    with pytest.raises(ModelError, match="/token answered no access token"):
        google_tokens.token_of(account[0], lambda url, form: answer)


def test_a_service_account_may_be_in_a_file(
    url: str, account: tuple[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "account.json"
    file.write_text(account[0])
    allow_model_endpoint(url, str(file))
    ask(url)
    assert Cloud.seen[-1][0]["authorization"] == "Bearer token-1"
    allow_model_endpoint(url, str(tmp_path / "none.json"))
    with pytest.raises(ParamError, match=r"none\.json, can't be read: No such file"):
        ask(url)
    for text, said in (("{}", "is no service account"), ('{"client', "is no service account")):
        allow_model_endpoint(url, text)
        with pytest.raises(ParamError, match=said):
            ask(url)
    broken = json.dumps({**json.loads(account[0]), "private_key": "x"})
    allow_model_endpoint(url, broken)
    with pytest.raises(ParamError, match="is no key in PEM"):
        ask(url)


def test_an_answer_without_vectors_is_told(url: str) -> None:
    allow_model_endpoint(url, "ID:secret")
    Cloud.answer = {"vector": VECTOR}
    params = {"provider": "bedrock", "model_name": TITAN, "region": "r", "url": url}
    with pytest.raises(ModelError, match="answered no embedding for each of 1 texts"):
        embedder_of(params, FLOATS).embed(["a"])


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"provider": "bedrock", "region": "r"}, "bedrock needs a model_name"),
        ({"provider": "bedrock", "model_name": "m"}, "bedrock needs a region"),
        ({"provider": "bedrock", "model_name": "m", "region": "a.b/"}, "'a.b/' is no region"),
        ({"provider": "vertexai", "model_name": "m"}, "vertexai needs a projectid"),
        ({"provider": "vertexai", "model_name": "m", "projectid": "p/../q"}, "is no projectid"),
        ({"provider": "vertexai", "model_name": "m", "projectid": "p", "task": "X"},
         "'X' should be one of DOC_RETRIEVAL, CODE_RETRIEVAL, STS"),
        ({"provider": "bedrock", "model_name": "m", "region": "r", "api_key": "k"},
         "keys are given to allow_model_endpoint"),
    ],
)  # fmt: skip
def test_parameters_that_do_not_fit_are_refused(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ParamError, match=said):
        embedder_of(params, FLOATS)
