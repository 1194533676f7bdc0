"""Index type FAISS: what a text of faiss' index factory makes, its parameters and their checks.

Texts come from callers who may be remote. Numbers in them are bounded, because a factory allocates
lists and links by them before it sees a vector; and only families are let through that faiss is
known to build, store and search without ending the process or going round for ever, as it does
with some others. `factory_index` builds and searches.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from aiomilvus.engine.index.dense.faiss_library import FaissObject, faiss_library
from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FACTORY = "faiss_index_name"
_TUNED = frozenset(
    """nprobe ht k_factor max_codes prune_headroom efConstruction efSearch""".split()
)
"""What faiss' parameter space can set on a built index; each may stand behind `_QUANTIZER`, too."""
_QUANTIZER = "quantizer_"
_IN_SPACE = {"k_factor": "k_factor_rf"}
"""Names of which faiss' parameter space has others."""
_KNOWN = frozenset(
    """index_type metric_type faiss_index_name mmap.enabled warmup params dim index_name
    indexoffsetcache.enabled""".split()
)
_TRANSFORMS = r"(?:(?:OPQ\d+(?:_\d+)?|PCAR?\d+|RR\d+|Pad\d+|L2norm),)*"
_SCALARS = r"SQ(?:4|6|8|fp16|bf16)"
_CODES = rf"(?:Flat|{_SCALARS}|PQ\d+(?:x(?:1[0-6]|[1-9]))?(?:np)?|PQ\d+x4fsr?)"
_LISTS = rf"IVF\d+(?:_HNSW\d+)?,(?:{_CODES}|RaBitQ)"
_BODY = rf"(?:{_CODES}|RaBitQ|{_LISTS}|HNSW\d+(?:,{_CODES})?)"
_REFINED = rf"(?:,RFlat|,Refine\((?:Flat|{_SCALARS})\))?"
_SERVED = re.compile(rf"{_TRANSFORMS}{_BODY}{_REFINED}")
_FAMILIES = (
    "transforms OPQ, PCA, PCAR, RR, Pad or L2norm, then IVFn, IVFn_HNSWm or HNSWm over Flat, SQ, "
    "PQ or RaBitQ, then RFlat or Refine()"
)
_NUMBER = re.compile(r"\d+")
_MOST = 65_536
_MOST_LINKS = 2_048
_LINKS = re.compile(r"HNSW(\d+)")
_WIDTHS = re.compile(r"(?:OPQ\d+_|PCAR?|RR|Pad)(\d+)")
_WIDE = 1_024
"""Dimensions that a transform may make of fewer; it takes the square of that, and trains longer."""
_PRODUCTS = re.compile(r"PQ(\d+)(?:x(\d+))?(?!\d)")
_GRAPH_PRODUCTS = re.compile(r"HNSW\d+,PQ")
_USUAL_BITS = 8
_MOST_CODEBOOK = 256 << 20
_RANGES = {
    "nprobe": (1, 2**31 - 1),
    "k_factor": (1, 1_000),
    "efSearch": (0, _MOST),
    "efConstruction": (0, _MOST),
    "search_type": (0, 5),
}
"""faiss makes room for these, or goes where they point, without a look at them."""
_WHOLE = frozenset({"nprobe", "max_codes", "efSearch", "polysemous_ht", "search_type", "ht"})
_TRUTHS = frozenset({"check_relative_distance", "bounded_queue"})
_WORDS = {"true": 1.0, "false": 0.0}


def check_factory(dim: int, metric: str, params: Mapping[str, str]) -> None:
    """Raise unless an index of type FAISS can be built of such vectors with such parameters.

    Args:
        dim: Of the vectors.
        metric: ``L2``, ``IP`` or ``COSINE``.
        params: All that were given.

    Raises:
        ParamError: The factory's text is missing or none of faiss', or a parameter is unknown or no
            number.
    """
    tune_all(empty_index(dim, metric, params.get(FACTORY, "")), params)


def empty_index(dim: int, metric: str, text: str) -> FaissObject:
    """Return the untrained index that a factory's text makes.

    Raises:
        ParamError: faiss makes none of it, or it is larger than this engine allows.
    """
    if not text:
        raise ParamError(message=f"index type FAISS needs {FACTORY}: invalid parameter")
    faiss = faiss_library()
    _check_text(text)
    _check_room(text, dim)
    measure = faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT
    try:
        index = faiss.index_factory(dim, text, measure)
    except (RuntimeError, MemoryError) as error:
        reason = str(error).rpartition("Error: ")[2].strip() or type(error).__name__
        raise ParamError(
            message=f"{FACTORY} {text!r} makes no index of {dim} dimensions: {reason}"
            ": invalid parameter"
        ) from error
    _check_rotations(index, text)
    return index


def _check_room(text: str, dim: int) -> None:
    """Raise unless what the factory allocates, then or while it trains, is of a bounded size."""
    widths = [int(width) for width in _WIDTHS.findall(text)]
    widest = max(_WIDE, 2 * dim)
    if max(widths, default=0) > widest:
        raise ParamError(
            message=f"{FACTORY} {text!r}: a transform of {dim} dimensions may make {widest} at most"
            ": invalid parameter"
        )
    for parts, bits in _PRODUCTS.findall(text):
        codes = 1 << int(bits or _USUAL_BITS)
        room = 4 * codes * max(dim, *widths, 0)
        if _GRAPH_PRODUCTS.search(text):  # keeps the distances of all pairs of codes
            room = max(room, 4 * int(parts) * codes * codes)
        if room > _MOST_CODEBOOK:
            raise ParamError(
                message=f"{FACTORY} {text!r}: the codes of {dim} dimensions would take "
                f"{room >> 20} MiB, at most {_MOST_CODEBOOK >> 20} are allowed: invalid parameter"
            )


def _transforms(index: FaissObject) -> list[FaissObject]:
    """Return the transforms that vectors go through first."""
    faiss = faiss_library()
    known = faiss.downcast_index(index)  # a view: `index` owns it
    if isinstance(known, faiss.IndexRefine):
        return _transforms(known.base_index)
    if not isinstance(known, faiss.IndexPreTransform):
        return []
    chain = known.chain
    return [faiss.downcast_VectorTransform(chain.at(at)) for at in range(chain.size())]


def _trained_transforms(index: FaissObject) -> list[FaissObject]:
    """Return the OPQ and PCA transforms among them."""
    faiss = faiss_library()
    kinds = (faiss.OPQMatrix, faiss.PCAMatrix)
    return [each for each in _transforms(index) if isinstance(each, kinds)]


def train_rotations(index: FaissObject, sample: Floats, check: Callable[[float], object]) -> None:
    """Train the transforms of an index as faiss does, but OPQ in steps that can be stopped between.

    OPQ turns the vectors and finds codes for them in turn, fifty times, which takes minutes for
    long vectors. One turn a call, on the codes of the call before, finds the same rotation.

    Args:
        index: Not trained.
        sample: float32 (n, dim).
        check: Called with the share that is done; what it raises ends the work.
    """
    faiss = faiss_library()
    for each in _transforms(index):
        if isinstance(each, faiss.OPQMatrix):
            _train_in_steps(each, sample, check)
        elif not each.is_trained:
            each.train(sample)
        sample = each.apply(sample)


def _train_in_steps(
    rotation: FaissObject, sample: Floats, check: Callable[[float], object]
) -> None:
    faiss = faiss_library()
    steps, first, later = rotation.niter, rotation.niter_pq_0, rotation.niter_pq
    codes = faiss.ProductQuantizer(rotation.d_out, rotation.M, _USUAL_BITS)
    rotation.pq = codes
    rotation.niter = 1
    try:
        for step in range(steps):
            check(step / steps)
            rotation.train(sample)
            rotation.niter_pq_0 = later
            codes.train_type = faiss.ProductQuantizer.Train_hot_start
    finally:
        rotation.pq = None  # it does not own them
        rotation.niter, rotation.niter_pq_0 = steps, first


def _check_rotations(index: FaissObject, text: str) -> None:
    for each in _trained_transforms(index):
        if each.d_out % getattr(each, "M", 1):
            raise ParamError(
                message=f"{FACTORY} {text!r}: OPQ makes {each.d_out} dimensions, which are no "
                f"multiple of {each.M}: invalid parameter"
            )


def fewest_rows(index: FaissObject) -> int:
    """Return how many rows an index has to be trained on at least.

    faiss checks that for centres. OPQ of fewer rows than dimensions writes beyond its memory, and
    PCA has no more directions than rows.
    """
    faiss = faiss_library()
    return max(
        (
            max(each.d_out, each.d_in if isinstance(each, faiss.OPQMatrix) else 0)
            for each in _trained_transforms(index)
        ),
        default=0,
    )


def _check_text(text: str) -> None:
    if not _SERVED.fullmatch(text):
        raise ParamError(
            message=f"{FACTORY} {text!r} is none that this engine lets faiss make: {_FAMILIES}"
            ": invalid parameter"
        )
    for numbers, least, most in ((_LINKS, 2, _MOST_LINKS), (_NUMBER, 1, _MOST)):
        found = [int(number) for number in numbers.findall(text)]
        if found and not (least <= min(found) and max(found) <= most):
            raise ParamError(
                message=f"{FACTORY} {text!r}: a number is out of range [{least}, {most}]"
                ": invalid parameter"
            )


def tune_all(index: FaissObject, params: Mapping[str, str]) -> None:
    """Set the build parameters of an index.

    Raises:
        ParamError: There is none of a name, it is no number, or `index` has none such.
    """
    for name, given in params.items():
        if name not in _KNOWN:
            _tune(index, name, given)


def _tune(index: FaissObject, name: str, given: object) -> None:
    """Set a build parameter.

    Raises:
        ParamError: There is none of this name, it is no number, or `index` has none such.
    """
    plain = _plain(name)
    if plain not in _TUNED:
        raise ParamError(
            message=f"faiss vanilla: build param '{name}' is not recognized, use one of "
            f"{sorted(_TUNED)}, or {FACTORY}: invalid parameter"
        )
    value = _number(name, given)
    try:
        space = faiss_library().ParameterSpace()
        space.set_index_parameter(index, _IN_SPACE.get(name, name), value)
    except RuntimeError as error:
        raise ParamError(
            message=f"faiss vanilla: build param '{name}' is none of this {FACTORY}"
            ": invalid parameter"
        ) from error


def _plain(name: str) -> str:
    """Return the name without what says that the parameter is a quantizer's."""
    while name.startswith(_QUANTIZER):
        name = name.removeprefix(_QUANTIZER)
    return name


def _number(name: str, given: object) -> float:
    text = str(given).strip().lower()
    try:
        value = _WORDS[text] if text in _WORDS else float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < 2**31:
        raise ParamError(
            message=f"faiss vanilla: param '{name}' expects a number or boolean; got {given!r}"
            ": invalid parameter"
        )
    least, most = _RANGES.get(_plain(name), (0, 2**31 - 1))
    if not least <= value <= most:
        raise ParamError(
            message=f"faiss vanilla: param '{name}' is {given!r}, out of range [{least}, {most}]"
            ": invalid parameter"
        )
    return value


def check_factory_search(
    dim: int,
    metric: str,
    built: Mapping[str, str],
    given: Mapping[str, object],
    known: frozenset[str],
) -> None:
    """Raise unless a search may say this to the index.

    Args:
        dim: Of the vectors.
        metric: Of the index.
        built: Its build parameters.
        given: The search's parameters.
        known: Names that have nothing to do with the index.

    Raises:
        ParamError: A parameter is none of the index' family, or no number.
    """
    names = _names_for(dim, metric, built.get(FACTORY, ""))
    for name, value in given.items():
        if name in known:
            continue
        if name not in names:
            takes = f"it takes {sorted(names)}" if names else "it takes none"
            raise ParamError(
                message=f"faiss vanilla: search param '{name}' not supported for this index "
                f"family, {takes}: invalid parameter"
            )
        _number(name, value)


@lru_cache(maxsize=64)
def _names_for(dim: int, metric: str, text: str) -> frozenset[str]:
    return search_names(empty_index(dim, metric, text))


def search_names(index: FaissObject) -> frozenset[str]:
    """Return the names of the search parameters that the family of `index` takes."""
    faiss = faiss_library()
    known = faiss.downcast_index(index)  # a view: `index` owns it
    if isinstance(known, faiss.IndexPreTransform):
        return search_names(known.index)
    if isinstance(known, faiss.IndexRefine):
        return search_names(known.base_index) | {"k_factor"}
    if isinstance(known, faiss.IndexIVF):
        return frozenset({"nprobe", "max_codes"})
    if isinstance(known, faiss.IndexHNSW):
        return frozenset({"efSearch", *_TRUTHS})
    return frozenset({"polysemous_ht", "search_type"} if isinstance(known, faiss.IndexPQ) else ())


def search_parameters(
    index: FaissObject, given: Mapping[str, object], selector: FaissObject
) -> FaissObject:
    """Return faiss' parameters of one search: those given, else what the index was built with.

    Args:
        index: The index, or what it wraps.
        given: The search's parameters, checked.
        selector: faiss' selector of the rows that may be hits, None for all.

    Returns:
        The parameters; None where there is nothing to say, which is all that some families take.
    """
    faiss = faiss_library()
    known = faiss.downcast_index(index)  # a view: `index` owns it
    if isinstance(known, faiss.IndexPreTransform):
        inner = search_parameters(known.index, given, selector)
        return faiss.SearchParametersPreTransform(index_params=inner)
    if isinstance(known, faiss.IndexRefine):
        inner = search_parameters(known.base_index, given, selector)
        factor = _number("k_factor", given.get("k_factor", known.k_factor))
        return faiss.IndexRefineSearchParameters(k_factor=factor, base_index_params=inner)
    values = {name: _typed(name, given[name]) for name in search_names(known) if name in given}
    if isinstance(known, faiss.IndexIVF):
        values = {"nprobe": known.nprobe, "max_codes": known.max_codes, **values}
        kind = (
            faiss.IVFRaBitQSearchParameters
            if isinstance(known, faiss.IndexIVFRaBitQ)
            else faiss.SearchParametersIVF
        )
        return kind(sel=selector, **values)
    if isinstance(known, faiss.IndexHNSW):
        values = {"efSearch": known.hnsw.efSearch, **values}
        return faiss.SearchParametersHNSW(sel=selector, **values)
    if isinstance(known, faiss.IndexPQ):
        values = {"polysemous_ht": known.polysemous_ht, "search_type": known.search_type, **values}
        return faiss.SearchParametersPQ(sel=selector, **values)
    return None if selector is None else faiss.SearchParameters(sel=selector)


def _typed(name: str, given: object) -> object:
    value = _number(name, given)
    if name in _TRUTHS:
        return bool(value)
    return int(value) if name in _WHOLE else value
