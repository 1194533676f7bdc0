"""The moment that a read is about crosses the wire in metadata, and comes back in the status."""

from __future__ import annotations

import pytest

from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.wire.codec import past
from aiomilvus.wire.codec.status import success
from aiomilvus.wire.proto import messages


def test_a_moment_arrives_as_it_was_sent() -> None:
    metadata = (("dbname", "d"), past.header(460_000_000_000_000_000))
    assert past.moment_in(metadata) == 460_000_000_000_000_000
    assert past.moment_in(metadata[:1]) == 0


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "1.5", "\u0661", b"5", "9" * 19, "1" * 5000])
def test_what_is_no_moment_is_refused_by_name(text: str | bytes) -> None:
    with pytest.raises(ParamError, match="aiomilvus-at"):
        past.moment_in([(past.header(1)[0], text)])


@pytest.mark.parametrize("response", [messages.SearchResults, messages.QueryResults])
def test_a_reply_keeps_what_it_said_and_says_the_moment(response: type) -> None:
    reply = response(status=success(7), collection_name="c").SerializeToString()
    said = response.FromString(past.with_moment(reply, 5, response))  # type: ignore[attr-defined]
    past.check_moment(said.status, 5, "here")
    assert said.collection_name == "c"
    assert said.status.extra_info["report_value"] == "7"


@pytest.mark.parametrize("said", [{}, {"aiomilvus-at": "6"}])
def test_a_server_that_read_the_present_is_named(said: dict[str, str]) -> None:
    with pytest.raises(NotSupportedError, match="not supported by the server at here"):
        past.check_moment(messages.Status(extra_info=said), 5, "here")
