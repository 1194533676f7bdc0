"""What pymilvus sends and what our clients send for the same call, and what both answer.

pymilvus' synchronous client is what both of ours are compared with: its asynchronous one fails in
several methods, before it sends anything.

Each client has a server of its own, which a gateway stands before that keeps what comes in. No
difference is allowed but those in `EXPLAINED` and `EXPLAINED_ANSWERS`, each with its reason; one
that is not needed any more is an error, too. Not differences are: times and numbers that servers
make up, looking up a collection's schema, and whether a truth is written True or true.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

import pymilvus
import pytest
from google.protobuf.message import Message

import aiomilvus
from aiomilvus.wire.proto.rpc import names, rpc
from tests.support.protocol_versions import VERSIONS, fields_in, known_fields
from tests.support.recorded import recorded, request_of
from tests.support.wire_cases import arguments
from tests.support.wire_cases_admin import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.faulty import Call
    from tests.support.wire_cases import Case

OURS = ("MilvusClient", "AsyncMilvusClient")
OLD_MESSAGES = {
    name.rpartition(".")[0]
    for name, entries in known_fields().items()
    if min(each.since for each in entries) == VERSIONS[0]
}
NAMES = [f"{each.method} {each.note}".strip() for each in CASES]
pytestmark = pytest.mark.filterwarnings("ignore")  # pymilvus' own


class Explained(NamedTuple):
    """A difference of requests.

    Attributes:
        where: RPC and field, with ``*`` for any; or ``RPCS method`` for the calls themselves.
        reason: Why it is meant.
    """

    where: str
    reason: str


EXPLAINED = (
    Explained(
        "CreateCollection.schema.fields[[]*[]].fieldID",
        "our schemas number their fields; servers give their own numbers",
    ),
    Explained(
        "*.fields_data[[]*[]].field_id",
        "our columns are written once for requests and replies; servers go by names",
    ),
    Explained("*.sparse_float_vector.dim", "told because it is known; servers count it themselves"),
    Explained("*.array_data.element_type", "told because the schema is known"),
    Explained("Search.search_params.anns_field", "named because the schema is known"),
    Explained("*.search_params.params.metric_type", "it stands beside the parameters once"),
    Explained("*.search_params.params.hints", "it stands beside the parameters once"),
    Explained("HybridSearch.rank_params.offset", "none is 0"),
    Explained("HybridSearch.rank_params.*group_size", "told, where pymilvus leaves the default"),
    Explained(
        "HybridSearch.requests[[]*[]].search_params.[og]*",
        "the parts have only what is their own; pymilvus repeats the whole's offset and group",
    ),
    Explained(
        "HybridSearch.requests[[]*[]].*consistency*",
        "the parts have only what is their own; the level is the whole's",
    ),
    Explained(
        "HybridSearch.requests[[]*[]].guarantee_timestamp",
        "the parts have only what is their own; the time is the whole's",
    ),
    Explained("Query.query_params.reduce_stop_for_best", "False is the default"),
    Explained("Query.expr", "texts are written in double quotes, and escaped"),
    Explained("ManualCompaction.collectionID", "Milvus before 2.6 knows no names there"),
    Explained("GetReplicas.*", "by name, which saves looking up the number"),
    Explained("*.db_name", "told in the request too, not in the metadata alone"),
    Explained("OperatePrivilege*.grantor.user", "an empty message"),
    Explained(
        "CreateCollection.*.default_value.*_data", "servers read int_data for INT32, as INT8 to 16"
    ),
    Explained(
        "*sert.fields_data", "rows without dynamic keys have no column for them; servers add it"
    ),
    Explained("RPCS search", "the schema's look-up, or its dimension, refuses it already"),
    Explained("RPCS create_collection", "AllocTimestamp is not needed to wait for an index"),
    Explained("RPCS create_index", "AllocTimestamp is not needed to wait for an index"),
    Explained("RPCS query_iterator", "the first page pins the snapshot; pymilvus asks before it"),
    Explained("RPCS search_iterator", "the first page pins the snapshot; pymilvus asks before it"),
    Explained("RPCS get_compaction_state", "the same state, of the call that all versions have"),
    Explained("RPCS add_collection_field", "a call that Milvus 2.6 has, too"),
)


EXPLAINED_ANSWERS = {
    "AsyncMilvusClient.list_aliases": "the names alone, as pymilvus' asynchronous client does",
    "compact": "the number of the job is made up",
    "describe_collection": "a default is told as its value, not as a message",
    "search of another width": "what to do is told behind Milvus' words",
    "describe_replica": "the nodes have another name within the object, and the same outside",
    "describe_resource_group": "the configuration has the same attributes, but is no message",
    "get_replicate_configuration": "clusters and pairs of them, and no message",
    "get_replicate_info": "pymilvus lets gRPC's own error through",
    "list_loaded_segments": "ours tell the channel, too",
}
"""Methods whose answers differ, and why it is meant."""

OTHER_ARGUMENTS = frozenset(
    ("AsyncMilvusClient", name) for name in ("get_load_state of a partition", "transfer_replica")
)
"""Where pymilvus' two clients, and so ours, name their arguments differently."""

NOT_COMPARED = {
    "close": "sends nothing",
    "create_field_schema": "sends nothing",
    "create_schema": "sends nothing",
    "create_struct_field_schema": "sends nothing",
    "dump_messages": "is refused by our client",
    "get_flush_all_state": "pymilvus 3.0 fails to call itself",
    "optimize": "is made of calls that are compared, and polls",
    "prepare_index_params": "sends nothing",
    "session": "searches of a cluster are compared",
}
"""Methods that no case calls, and why."""

SINCE_2_4 = frozenset(
    name
    for name in names()
    if f"milvus.{rpc(name).request.DESCRIPTOR.name}" in OLD_MESSAGES
    or not rpc(name).request.DESCRIPTOR.fields
)
"""The RPCs that Milvus 2.4 has, as far as their messages tell."""

NEWER = {
    "milvus.GetCompactionPlansRequest.collection_name": "list_compaction_tasks",
    "milvus.GetPersistentSegmentInfoRequest.states": "list_segments",
    "milvus.ManualCompactionRequest.l0Compaction": "compact(is_l0=True)",
    "milvus.ManualCompactionRequest.target_size": "compact(target_size=…)",
    "milvus.SearchRequest.function_score": "search(ranker=…)",
    "milvus.SearchRequest.ids": "search(ids=…)",
    "milvus.UpdateCredentialRequest.description": "update_user",
    "milvus.UpsertRequest.partial_update": "upsert(partial_update=True)",
    "schema.FieldData.valid_data": "rows of a collection with nullable fields",
    "schema.FunctionSchema.input_field_names": "search(ranker=…)",
    "schema.FunctionSchema.name": "search(ranker=…)",
    "schema.FunctionSchema.params": "search(ranker=…)",
    "schema.FunctionSchema.type": "search(ranker=…)",
    "schema.FunctionScore.functions": "search(ranker=…)",
}
"""Fields in requests of these RPCs that it does not know: what alone they are sent for."""

_MADE_UP = frozenset(
    (
        "collection_id",
        "created_timestamp",
        "update_timestamp",
        "timestamp",
        "create_ts",
        "s3_location",
    )
)


def same(value: Any) -> Any:
    """Return a value without what servers make up and without ways of writing it."""
    if isinstance(value, dict):
        return {name: _plain(name, each) for name, each in value.items()}
    return [same(each) for each in value] if isinstance(value, list) else value


_TIMES = ("guarantee_timestamp", "schema_timestamp", "flush_ts", "flush_all_ts")
_LATEST_LEVEL = 5


def _plain(name: str, value: Any) -> Any:
    if name in _TIMES and value > _LATEST_LEVEL:
        return "a time"
    if name == "base":
        return None
    if isinstance(value, str) and value in ("True", "False"):
        return value.lower()
    if name in ("params", "search_params") and isinstance(value, str):
        return same(json.loads(value))
    return same(value)


def differences(theirs: Any, ours: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield where two requests differ, and how."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted({*theirs, *ours}):
            yield from differences(theirs.get(name), ours.get(name), f"{path}.{name}")
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for number, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif theirs != ours:
        yield path, theirs, ours


class Outcome(NamedTuple):
    """What came of a case."""

    calls: list[Call]
    answer: Any


def carry_out(each: Case, library: Any, client: Any, loop: asyncio.AbstractEventLoop) -> Any:
    """Return what a call answers, or the error that it raises."""

    def awaited(value: Any) -> Any:
        return loop.run_until_complete(value) if inspect.isawaitable(value) else value

    try:
        answer = awaited(getattr(client, each.method)(**arguments(each, library, client)))
        if each.reads:
            return [list(awaited(answer.next())) for _ in range(each.reads)]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        return error
    return answer


def outcomes(path: Any, library: Any, kind: str) -> list[Outcome]:
    """Carry all cases out with one client on a new server."""
    found = []
    loop = asyncio.new_event_loop()
    with recorded(path) as gateway:
        client = getattr(library, kind)(gateway.uri)
        for each in CASES:
            gateway.calls.clear()
            answer = carry_out(each, library, client, loop)
            found.append(Outcome([*gateway.calls], answer))
        closing = client.close()
        if inspect.isawaitable(closing):
            loop.run_until_complete(closing)
    loop.close()
    return found


class Runs:
    """The outcomes of each client, carried out when they are asked for."""

    def __init__(self, folder: Any) -> None:
        self._folder = folder
        self._kept: dict[str, list[Outcome]] = {}
        self.used: set[str] = set()

    def of(self, library: Any, kind: str) -> list[Outcome]:
        name = f"{library.__name__}-{kind}"
        if name not in self._kept:
            self._kept[name] = outcomes(self._folder / name, library, kind)
        return self._kept[name]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("wire"))


LOOKUPS = ("Connect", "DescribeCollection")


def acting(calls: list[Call], method: str) -> list[Call]:
    """Return the calls that a method is about."""
    if method == "describe_collection":
        return [call for call in calls if call.name != "Connect"]
    return [call for call in calls if call.name not in LOOKUPS]


def found_differences(each: Case, theirs: Outcome, ours: Outcome) -> list[tuple[str, Any, Any]]:
    one, other = acting(theirs.calls, each.method), acting(ours.calls, each.method)
    called = [call.name for call in one], [call.name for call in other]
    if called[0] != called[1]:
        return [(f"RPCS {each.method}", *called)]
    return [
        difference
        for mine, yours in zip(one, other, strict=True)
        for difference in differences(same(request_of(mine)), same(request_of(yours)), mine.name)
    ]


def explained(where: str) -> str:
    """Return the entry that explains a difference, "" for none."""
    return next((each.where for each in EXPLAINED if fnmatchcase(where, each.where)), "")


@pytest.mark.parametrize("number", range(len(CASES)), ids=NAMES)
@pytest.mark.parametrize("kind", OURS)
def test_the_same_is_sent(runs: Runs, kind: str, number: int) -> None:
    each = CASES[number]
    if (kind, NAMES[number]) in OTHER_ARGUMENTS:
        pytest.skip("pymilvus' asynchronous client has other arguments there")
    theirs = runs.of(pymilvus, "MilvusClient")[number]
    ours = runs.of(aiomilvus, kind)[number]
    found = found_differences(each, theirs, ours)
    lines = [f"{where}: {one!r} | {other!r}" for where, one, other in found if not explained(where)]
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("number", range(len(CASES)), ids=NAMES)
@pytest.mark.parametrize("kind", OURS)
def test_the_same_is_answered(runs: Runs, kind: str, number: int) -> None:
    if (kind, NAMES[number]) in OTHER_ARGUMENTS:
        pytest.skip("pymilvus' asynchronous client has other arguments there")
    theirs = comparable(runs.of(pymilvus, "MilvusClient")[number].answer)
    ours = comparable(runs.of(aiomilvus, kind)[number].answer)
    entries = {CASES[number].method, NAMES[number], f"{kind}.{CASES[number].method}"}
    if entries & EXPLAINED_ANSWERS.keys():
        assert theirs != ours, "this difference is not explained any more: it is gone"
    else:
        assert theirs == ours


@pytest.mark.parametrize("kind", OURS)
def test_calls_bring_the_same_metadata(runs: Runs, kind: str) -> None:
    theirs, ours = (
        [call.metadata for outcome in found for call in outcome.calls if call.name != "Connect"]
        for found in (runs.of(pymilvus, "MilvusClient"), runs.of(aiomilvus, kind))
    )
    always = {"client-request-unixmsec", "identifier"}
    assert all(always <= each.keys() for each in ours)
    seen = {name for each in ours for name in each} - {"user-agent"}
    # pymilvus sends the other two when they are empty, too.
    assert seen - {"dbname"} == always
    assert {name for each in theirs for name in each} - {"user-agent"} == {
        *always,
        "dbname",
        "client-request-id",
    }
    assert {each.get("dbname", "") for each in ours} == {each["dbname"] for each in theirs}


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("method", ["query_iterator", "search_iterator"])
def test_pages_of_an_iteration_are_read_at_one_time(runs: Runs, kind: str, method: str) -> None:
    """pymilvus asks for the time first, and then for each page; ours asks with the first page."""
    wanted = ("use_default_consistency", "consistency_level", "guarantee_timestamp")
    for number in [n for n, each in enumerate(CASES) if each.method == method]:
        theirs, ours = (
            [
                {name: same(request_of(call)).get(name) for name in wanted}
                for call in acting(runs.of(library, client)[number].calls, method)
            ]
            for library, client in ((pymilvus, "MilvusClient"), (aiomilvus, kind))
        )
        assert [theirs[0], *theirs[2:]] == ours
        assert [each["guarantee_timestamp"] for each in ours] == [None, "a time"]


def test_every_explanation_is_needed(runs: Runs) -> None:
    used = {
        explained(where)
        for kind in OURS
        for each, one, other in zip(
            CASES, runs.of(pymilvus, "MilvusClient"), runs.of(aiomilvus, kind), strict=True
        )
        for where, _, _ in found_differences(each, one, other)
    }
    assert {each.where for each in EXPLAINED} - used == set()


@pytest.mark.parametrize("kind", OURS)
def test_what_older_servers_do_not_know_is_named(runs: Runs, kind: str) -> None:
    known = known_fields()
    newer = {
        name
        for outcome in runs.of(aiomilvus, kind)
        for call in outcome.calls
        if call.name in SINCE_2_4
        for name in fields_in(rpc(call.name).request.FromString(call.content))
        if min(each.since for each in known[name]) > VERSIONS[0]
    }
    assert newer == NEWER.keys()


def test_every_method_is_compared() -> None:
    public = {name for name in dir(pymilvus.MilvusClient) if not name.startswith("_")}
    compared = {each.method for each in CASES}
    assert public - compared == set(NOT_COMPARED)


def comparable(answer: Any) -> Any:
    """Return an answer as plain data, without what servers make up."""
    if isinstance(answer, (pymilvus.MilvusException, aiomilvus.MilvusException)):
        return ("error", int(answer.code), answer.message)
    if isinstance(answer, Exception):
        return type(answer).__name__
    if isinstance(answer, Mapping):
        return {
            str(name): comparable(each) for name, each in answer.items() if name not in _MADE_UP
        }
    if isinstance(answer, (str, bytes, bool, float, type(None))):
        return answer
    if isinstance(answer, int):
        return int(answer)
    if hasattr(answer, "__len__") and not isinstance(answer, Message):
        return [comparable(each) for each in answer]
    fields = getattr(answer, "__dict__", None) or {
        name: getattr(answer, name) for name in getattr(answer, "__struct_fields__", ())
    }
    if fields.keys() == {"dict"}:
        return comparable(fields["dict"])
    return comparable({name.lstrip("_"): each for name, each in fields.items()})
