"""Building indexes for sealed segments, beside everything else."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from aiomilvus.engine.index.build_params import AUTO
from aiomilvus.engine.index.contract import BuildStoppedError
from aiomilvus.engine.index.dense.coded_column import CodedColumn
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.dense.growing_graph import RemappedIndex
from aiomilvus.engine.index.dense.judged import Judged
from aiomilvus.engine.index.registry import build_index
from aiomilvus.engine.index.scalar.json_path_index import path_of
from aiomilvus.engine.maintenance.materialise import materialise
from aiomilvus.engine.segment.codes_file import codes_name
from aiomilvus.engine.storage.container import write_container
from aiomilvus.errors import DataCorruptedError, StorageError
from aiomilvus.model.results import IndexInfo
from aiomilvus.model.types import IndexState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.index.contract import BuildBudget
    from aiomilvus.engine.segment.sealed import SealedSegment


def missing(collection: Collection) -> list[tuple[IndexSpec, SealedSegment]]:
    """Return what is left to build, larger segments first."""
    pairs = [
        (spec, segment)
        for segment in list(collection.sealed.values())
        for spec in list(collection.specs.values())
        if not segment.has_index(spec.id) and not collection.builds.has_failed(spec.id)
    ]
    return sorted(pairs, key=lambda pair: -pair[1].num_rows)


def build(
    collection: Collection,
    budget: BuildBudget,
    is_needless: Callable[[int], bool] = lambda _: False,
) -> None:
    """Build every missing index of the collection, one after the other.

    First the files of indexes that were dropped are removed, and the columns that functions have
    still to compute are written.
    An index that the disk refuses holds up no other one: whoever waits for that learns what
    became of it.

    Args:
        collection: The collection.
        budget: What a build may use.
        is_needless: Whether the segment of a number is about to be replaced: then its indexes are
            not begun, and given up.

    Raises:
        BuildStoppedError: The work was given up.
        StorageError, OSError: The disk refused some of it; the rest is done.
    """
    refusals: list[Exception] = []
    _attempt(refusals, lambda: drop_stale(collection))
    _attempt(refusals, lambda: materialise(collection))
    for spec, segment in missing(collection):
        if collection.dropped or not budget.keep_going(inf):
            break
        given_up = partial(is_needless, segment.id)
        if not given_up():
            work = partial(build_one, collection, spec, segment, budget.unless(given_up))
            _attempt(refusals, partial(_unless, given_up, work))
    if refusals:
        raise refusals[0]


def _unless(is_needless: Callable[[], bool], work: Callable[[], None]) -> None:
    """Do some work; that it was given up because it is needless is no failure."""
    try:
        work()
    except BuildStoppedError:
        if not is_needless():
            raise


def _attempt(refusals: list[Exception], work: Callable[[], None]) -> None:
    """Do some work; note what the disk refuses."""
    try:
        work()
    except (OSError, StorageError) as error:
        refusals.append(error)


def drop_stale(collection: Collection) -> None:
    """Remove the files of indexes that the collection no longer has."""
    for number, segment in list(collection.sealed.items()):
        if {*segment.record.indexes, *segment.record.plain} <= collection.specs.keys():
            continue
        with collection.writes.turn:
            if collection.dropped:
                return
            collection.check_writable()
            current = collection.sealed.get(number)
            if current is None:
                continue
            _drop_stale_of(collection, current)


def _drop_stale_of(collection: Collection, segment: SealedSegment) -> None:
    record = segment.record
    kept = tuple(number for number in record.indexes if number in collection.specs)
    plain = tuple(number for number in record.plain if number in collection.specs)
    after = msgspec.structs.replace(record, indexes=kept, plain=plain)
    with collection.catalog.transaction():
        collection.catalog.put_segment(collection.record.id, after)
    collection.add_sealed(segment.with_record(after, None))
    collection.publish()
    for number in set(record.indexes) - set(kept):
        if segment.folder is not None:
            collection.files.unlink(segment.folder / f"i{number}.amv")
            collection.files.unlink(segment.folder / codes_name(number))


def build_one(
    collection: Collection, spec: IndexSpec, segment: SealedSegment, budget: BuildBudget
) -> None:
    """Build one index of one segment and publish it; a failure is kept for `describe`.

    Raises:
        BuildStoppedError: The work was given up.
        StorageError: The disk refused; the next request tries again.
    """
    with _told(collection, spec):
        built = _built(collection, spec, segment, budget)
        if built is not None:
            _accelerate(built.index, segment.cache.graph_searchers.get(spec.id, ()))
            _add(collection, spec, segment, built.index)


def build_ahead(
    collection: Collection,
    sources: Sequence[SealedSegment],
    segment: SealedSegment,
    budget: BuildBudget,
) -> SealedSegment:
    """Build all indexes of a segment that is to replace others, and return it with them.

    Raises:
        BuildStoppedError: The work was given up.
        StorageError: The disk refused.
    """
    for spec in list(collection.specs.values()):
        if collection.dropped:
            break
        with _told(collection, spec):
            built = _built(collection, spec, segment, budget)
            if built is not None:
                _accelerate(built.index, [source.opened(spec.id) for source in sources])
                segment = _with_index(segment, spec, built.index)
    return segment


def _accelerate(index: Any, replaced: Iterable[Any]) -> None:
    """Make what searches are faster by, where the indexes have it that served until now."""
    if isinstance(index, FaissIndex) and any(map(_is_accelerated, replaced)):
        index.accelerate()


def _is_accelerated(each: object) -> bool:
    if isinstance(each, CodedColumn):
        return True
    return isinstance(each, (FaissIndex, RemappedIndex)) and each.is_accelerated


@contextmanager
def _told(collection: Collection, spec: IndexSpec) -> Iterator[None]:
    """Keep what stopped a build for `describe`, until one succeeds."""
    try:
        yield
    except (OSError, StorageError) as error:
        collection.builds.delayed(spec.id, str(error))
        raise
    collection.builds.succeeded(spec.id)


class _Built(NamedTuple):
    """An index that was built and stored, None where the segment needs none."""

    index: Any


def _built(
    collection: Collection, spec: IndexSpec, segment: SealedSegment, budget: BuildBudget
) -> _Built | None:
    """Build and store an index; None when the field is gone, or when it can't be built."""
    field = collection.record.schema.by_name.get(spec.field)
    if field is None:
        return None
    try:
        index = build_index(spec, field, segment.column(field), budget)
    except BuildStoppedError:
        raise
    except MemoryError as error:
        message = f"there is no memory to build index {spec.name} of {segment.num_rows} rows now"
        raise StorageError(message=message) from error  # so it is tried again
    except Exception as error:  # noqa: BLE001 - told by describe_index, not lost
        collection.builds.failed(spec.id, str(error))
        return None
    if index is not None and segment.folder is not None:
        segment.make_folder()
        arrays, meta = index.to_arrays()
        write_container(collection.files, segment.folder / f"i{spec.id}.amv", arrays, meta)
        segment.keep_codes(spec.id, index)
    return _Built(index)


def _with_index(segment: SealedSegment, spec: IndexSpec, index: Any) -> SealedSegment:
    """Return the segment with an index that was built, None where it needs none."""
    record = segment.record
    if index is None:
        record = msgspec.structs.replace(record, plain=(*record.plain, spec.id))
        return segment.with_record(record, None)
    record = msgspec.structs.replace(record, indexes=(*record.indexes, spec.id))
    return segment.with_record(record, (spec.id, index))


def _add(collection: Collection, spec: IndexSpec, segment: SealedSegment, index: Any) -> None:
    """Publish an index that was built."""
    with collection.writes.turn:
        if collection.dropped:
            return
        collection.check_writable()
        current = collection.sealed.get(segment.id)
        if current is None or spec.id not in collection.specs:
            return
        indexed = _with_index(current, spec, index)
        with collection.catalog.transaction():
            collection.catalog.put_segment(collection.record.id, indexed.record)
        collection.add_sealed(indexed)
        current.cache.graph_searchers.pop(spec.id, None)
        collection.publish()


def describe(collection: Collection, spec: IndexSpec) -> IndexInfo:
    """Return the index' true state and progress, in rows."""
    sealed = list(collection.sealed.values())
    done = sum(segment.num_rows for segment in sealed if segment.has_index(spec.id))
    pending = sum(segment.num_rows for segment in sealed) - done
    growing = [*collection.frozen, *collection.growing.values()]
    state = IndexState.Finished
    reason = collection.builds.reason(spec.id)
    if pending:
        state = IndexState.Failed if reason else IndexState.InProgress
    return IndexInfo(
        id=spec.id,
        name=spec.name,
        field=_described_field(collection, spec),
        params=spec.written,
        nested=spec.nested,
        properties=spec.properties,
        state=state,
        total_rows=done + pending + sum(segment.num_rows for segment in growing),
        indexed_rows=done,
        pending_index_rows=pending,
        fail_reason=reason,
        recall=_recall(sealed, spec),
    )


def _recall(sealed: list[SealedSegment], spec: IndexSpec) -> float | None:
    """Return what the segments' indexes found of their own recall, by rows; None for nothing."""
    if spec.index_type != AUTO:
        return None
    told = [each for each in (_judged(segment, spec) for segment in sealed) if each is not None]
    rows = sum(each.rows for each in told)
    return round(sum(each.recall * each.rows for each in told) / rows, 4) if rows else None


def _judged(segment: SealedSegment, spec: IndexSpec) -> Judged | None:
    """Return what is known of one segment's index; its file tells so without being opened."""
    try:
        meta = segment.index_meta(spec.id)
    except DataCorruptedError:
        return None  # which searches tell; the index' state does not depend on it
    if meta is not None:
        return Judged.told(meta) if isinstance(meta, dict) else None
    index = segment.vector_index(spec.id)
    return index.judged if isinstance(index, FaissIndex) else None


def _described_field(collection: Collection, spec: IndexSpec) -> str:
    """Return the indexed field's name; of a path in the dynamic field, the key it begins with."""
    field = collection.record.schema.by_name[spec.field]
    if not field.is_dynamic:
        return spec.field
    path = path_of(field, spec.params.get("json_path", ""))
    return str(path[0]) if path else spec.field
