"""Signatures are those of Amazon's own published examples."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from aiomilvus import ParamError
from aiomilvus.engine.providers.aws_signature import (
    Credentials,
    credentials_of,
    signed,
    signing_key,
)

WHEN = datetime(2015, 8, 30, 12, 36, tzinfo=timezone.utc)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
WHO = Credentials("AKIDEXAMPLE", SECRET)


def test_the_key_of_a_day_is_derived_step_by_step() -> None:
    key = signing_key(SECRET, "20150830", "us-east-1", "iam")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


def test_a_get_with_a_query_is_signed_as_in_the_documentation() -> None:
    url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    made = signed("GET", url, kind, b"", WHO, "us-east-1", "iam", WHEN)
    assert made == {
        "x-amz-date": "20150830T123600Z",
        "Authorization": "AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    }


def test_a_post_is_signed_as_in_the_test_suite() -> None:
    url = "https://example.amazonaws.com/"
    made = signed("POST", url, {}, b"", WHO, "us-east-1", "service", WHEN)
    assert made["Authorization"].endswith(
        "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://h/a", "https://h:443/a", True),
        ("http://h/a", "http://h:80/a", True),
        ("http://h/a", "http://h:443/a", False),
        ("https://h/a", "https://h:8443/a", False),
    ],
)
def test_a_port_is_signed_where_it_is_sent(one: str, other: str, same: bool) -> None:
    both = [signed("GET", url, {}, b"", WHO, "r", "s", WHEN) for url in (one, other)]
    assert (both[0] == both[1]) == same


def test_each_part_of_a_request_is_covered() -> None:
    base = ("POST", "https://h/a%3A0", {"a": "1"}, b"{}", WHO, "r", "s", WHEN)
    others: tuple[tuple[int, object], ...] = (
        *((0, "GET"), (1, "https://h/b"), (1, "https://g/a%3A0"), (1, "https://h/a%3A0?x=1")),
        *((2, {"a": "2"}), (3, b"[]"), (4, Credentials("AKIDEXAMPLE", "x")), (5, "q"), (6, "t")),
        *((4, WHO._replace(token="t")), (7, WHEN.replace(second=1))),
    )
    seen = {signed(*base)["Authorization"]}
    for at, value in others:
        changed = (*base[:at], value, *base[at + 1 :])
        seen.add(signed(*changed)["Authorization"])  # type: ignore[arg-type]  # one of each type
    assert len(seen) == 1 + len(others)
    tokened = signed(*base[:4], WHO._replace(token="t"), *base[5:])
    assert tokened["x-amz-security-token"] == "t"


@pytest.mark.parametrize("key", ["", "id", "id:", ":secret"])
def test_a_key_of_another_form_is_refused_and_not_told(key: str) -> None:
    with pytest.raises(ParamError, match="should be ID:SECRET") as caught:
        credentials_of(key)
    assert "secret" not in caught.value.message
    assert credentials_of("id:sec/r+et:to:ken") == ("id", "sec/r+et", "to:ken")
