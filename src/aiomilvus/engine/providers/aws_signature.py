"""Signatures of requests to Amazon's services: version 4, in header fields, as it is published."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from aiomilvus.engine.providers.provider_params import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from urllib.parse import SplitResult

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """What an account signs with; `token` is of credentials that end by themselves."""

    key_id: str
    secret: str
    token: str = ""


def credentials_of(key: str) -> Credentials:
    """Return the credentials of a key ``ID:SECRET`` or ``ID:SECRET:TOKEN``.

    Raises:
        ParamError: It has another form; the message does not tell the key.
    """
    parts = key.split(":", 2)
    if len(parts) < 2 or not all(parts):
        refuse(
            "the key of an address of bedrock should be ID:SECRET, or ID:SECRET:TOKEN, of an AWS "
            "account: give it to allow_model_endpoint()"
        )
    return Credentials(*parts)


def signed(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    region: str,
    service: str,
    now: datetime,
) -> dict[str, str]:
    """Return the header fields to send beside `headers`, ``Authorization`` among them.

    Args:
        method: Of HTTP.
        url: As it is sent, encoded once.
        headers: Fields that the signature is to cover; ``host`` and the date are added.
        body: What is sent.
        credentials: Who signs.
        region: Amazon's name of where it is asked.
        service: Amazon's name of what is asked.
        now: The moment, in UTC; Amazon refuses what is five minutes away.
    """
    parts = urlsplit(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    own = {"x-amz-date": stamp}
    if credentials.token:
        own["x-amz-security-token"] = credentials.token
    covered = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    covered |= {"host": _host(parts), **own}
    names = ";".join(sorted(covered))
    canonical = "\n".join(
        [
            method,
            quote(parts.path or "/", safe="/-_.~"),
            _query(parts.query),
            *(f"{name}:{covered[name]}" for name in sorted(covered)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = signing_key(credentials.secret, stamp[:8], region, service)
    signature = _mac(key, f"{_ALGORITHM}\n{stamp}\n{scope}\n{digest}").hex()
    told = f"Credential={credentials.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**own, "Authorization": f"{_ALGORITHM} {told}"}


def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """Return the key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _mac(key, part)
    return key


def _host(parts: SplitResult) -> str:
    """Return the field ``Host`` as it is sent: without the port that the scheme has anyway."""
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return parts.netloc.removesuffix(usual)


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
