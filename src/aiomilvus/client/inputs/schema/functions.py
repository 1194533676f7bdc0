"""Functions of a schema (BM25, embeddings, rerank), and highlighters of search results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from aiomilvus.errors import ParamError
from aiomilvus.model.types import DataType, FunctionType, HighlightType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.client.inputs.schema.fields import FieldSchema

_INPUT_TYPES = frozenset({DataType.VARCHAR, DataType.TEXT})
_OUTPUT_TYPES = {
    FunctionType.BM25: frozenset({DataType.SPARSE_FLOAT_VECTOR}),
    FunctionType.TEXTEMBEDDING: frozenset({DataType.FLOAT_VECTOR, DataType.INT8_VECTOR}),
}
_FUNCTION_NAMES = {FunctionType.BM25: "BM25", FunctionType.TEXTEMBEDDING: "TextEmbedding"}
_OUTPUT_NAMES = {
    FunctionType.BM25: "SPARSE_FLOAT_VECTOR",
    FunctionType.TEXTEMBEDDING: "FLOAT_VECTOR or INT8_VECTOR",
}


class _WithFields(Protocol):
    """What a function is checked against: a `CollectionSchema`."""

    @property
    def fields(self) -> Sequence[FieldSchema]: ...


class Function:
    """Something that fills output fields from input fields, or reranks hits.

    Args:
        name: Its name in the schema.
        function_type: What it computes.
        input_field_names: Fields it reads.
        output_field_names: Fields it fills; none for rerank functions.
        description: Free text.
        params: Parameters by Milvus' names.

    Raises:
        ParamError: An argument has the wrong type, or a field is named twice.

    Example:
        >>> bm25 = Function("bm25", FunctionType.BM25, ["text"], ["words"])
        >>> bm25.output_field_names
        ['words']
    """

    def __init__(
        self,
        name: str,
        function_type: FunctionType,
        input_field_names: str | list[str],
        output_field_names: str | list[str] | None = None,
        description: str = "",
        params: dict[str, Any] | None = None,
    ) -> None:
        _expect(isinstance(name, str), "The name of the function should be a string", name)
        _expect(
            isinstance(description, str),
            "The description of the function should be a string",
            description,
        )
        self.name = name
        self.description = description
        self.input_field_names: list[str] = _names("input", input_field_names)
        self.output_field_names: list[str] = _names(
            "output", [] if output_field_names is None else output_field_names
        )
        try:
            self.type: FunctionType = FunctionType(function_type)
        except (ValueError, TypeError, RecursionError):  # its text says what it was given
            raise ParamError(message="Unknown function type.") from None
        if set(self.input_field_names) & set(self.output_field_names):
            raise ParamError(message="Input and output field names must be different.")
        if params is not None and not isinstance(params, dict):
            raise ParamError(message="The parameters of the function should be a dictionary.")
        self.params: dict[str, Any] = {} if params is None else params

    def verify(self, schema: _WithFields) -> None:
        """Check that the function's fields have the types it needs.

        Args:
            schema: Has the fields.

        Raises:
            ParamError: A field has another type, or there are too many.

        Example:
            >>> schema = client.create_schema()
            >>> _ = schema.add_field("text", DataType.VARCHAR, max_length=500, enable_analyzer=True)
            >>> _ = schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
            >>> Function("bm25", FunctionType.BM25, ["text"], ["words"]).verify(schema)
        """
        if self.type is FunctionType.UNKNOWN:
            raise ParamError(message="Unknown function type.")
        outputs = _OUTPUT_TYPES.get(self.type)
        if outputs is None:
            return
        title = _FUNCTION_NAMES[self.type]
        if len(self.input_field_names) != 1 or len(self.output_field_names) != 1:
            raise ParamError(
                message=f"{title} function must have exact 1 input and 1 output field."
            )
        for field in schema.fields:
            if field.name == self.input_field_names[0] and field.dtype not in _INPUT_TYPES:
                raise ParamError(message=f"{title} function input field must be VARCHAR.")
            if field.name == self.output_field_names[0] and field.dtype not in outputs:
                raise ParamError(
                    message=f"{title} function output field must be {_OUTPUT_NAMES[self.type]}."
                )

    @classmethod
    def construct_from_dict(cls, raw: dict[str, Any]) -> Function:
        """Return the function that `to_dict` (or describe_collection) wrote down.

        Args:
            raw: As `to_dict` gives it.

        Raises:
            KeyError: A part is missing.
            ParamError: A part has the wrong type.

        Example:
            >>> bm25 = Function("bm25", FunctionType.BM25, ["text"], ["words"])
            >>> Function.construct_from_dict(bm25.to_dict()) == bm25
            True
        """
        return cls(
            raw["name"],
            raw["type"],
            list(raw["input_field_names"]),
            list(raw["output_field_names"]),
            raw.get("description", ""),
            dict(raw.get("params") or {}),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the function as plain data.

        Example:
            >>> Function("bm25", FunctionType.BM25, ["text"], ["words"]).to_dict()["type"].name
            'BM25'
        """
        return {
            "name": self.name,
            "description": self.description,
            "type": self.type,
            "input_field_names": self.input_field_names,
            "output_field_names": self.output_field_names,
            "params": self.params,
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self.to_dict() == other.to_dict()

    __hash__: ClassVar[None] = None  # type: ignore[assignment] # mutable

    def __repr__(self) -> str:
        return str(self.to_dict())


class FunctionScore:
    """Several rerank functions for one search, and how their scores combine.

    Args:
        functions: One function or a list of them.
        params: ``boost_mode`` and ``function_mode``.

    Example:
        >>> from aiomilvus import FunctionScore
        >>> params = {"reranker": "boost", "filter": "year > 1950", "weight": 9}
        >>> newer = Function("newer", FunctionType.RERANK, [], params=params)
        >>> hits = await client.search("books", [[0.1, 0.9]], limit=3, ranker=FunctionScore(newer))
        >>> hits[0].ids
        [3, 2, 1]
    """

    def __init__(
        self, functions: Function | list[Function], params: dict[str, Any] | None = None
    ) -> None:
        self.functions: list[Function] = (
            [functions] if isinstance(functions, Function) else functions
        )
        self.params = params


class LexicalHighlighter:
    """Marks in each hit's text what the query's words matched.

    Args:
        highlight_query: Queries to mark, as dicts with type, field and text.
        highlight_search_text: Whether to mark the searched text itself.
        pre_tags, post_tags: What to put around a match.
        fragment_offset, fragment_size, num_of_fragments: How to cut the text.

    Example:
        >>> from aiomilvus import LexicalHighlighter
        >>> LexicalHighlighter(highlight_search_text=True, pre_tags=["["], post_tags=["]"]).params
        {'pre_tags': ['['], 'post_tags': [']'], 'highlight_search_text': True}
    """

    type = HighlightType.LEXICAL

    def __init__(
        self,
        *,
        highlight_query: list[dict[str, str]] | None = None,
        highlight_search_text: bool | None = None,
        pre_tags: list[str] | None = None,
        post_tags: list[str] | None = None,
        fragment_offset: int | None = None,
        fragment_size: int | None = None,
        num_of_fragments: int | None = None,
    ) -> None:
        self.pre_tag = pre_tags
        self.post_tag = post_tags
        self.fragment_offset = fragment_offset
        self.fragment_size = fragment_size
        self.num_of_fragments = num_of_fragments
        self.highlight_query = highlight_query
        self.highlight_search_text = highlight_search_text

    def with_query(self, field: str, text: str, query_type: str) -> None:
        """Mark what `text` matches in `field` as well.

        Args:
            field: A text field.
            text: What to look for.
            query_type: ``TextMatch``.

        Example:
            >>> from aiomilvus import LexicalHighlighter
            >>> marks = LexicalHighlighter()
            >>> marks.with_query("blurb", "tides", "TextMatch")
            >>> marks.params
            {'highlight_query': [{'type': 'TextMatch', 'field': 'blurb', 'text': 'tides'}]}
        """
        query = {"type": query_type, "field": field, "text": text}
        self.highlight_query = [*(self.highlight_query or []), query]

    @property
    def params(self) -> dict[str, Any]:
        """What is set, by Milvus' names."""
        return _set_only(
            pre_tags=self.pre_tag,
            post_tags=self.post_tag,
            fragment_offset=self.fragment_offset,
            fragment_size=self.fragment_size,
            num_of_fragments=self.num_of_fragments,
            highlight_query=self.highlight_query,
            highlight_search_text=self.highlight_search_text,
        )


class SemanticHighlighter:
    """Marks in each hit's text what a model finds close to the queries.

    The embedded engine, and our server, ask the model about each sentence of the text. It is a
    function of theirs: see `register_reranker`.

    Args:
        queries: What to look for, one for each query of the search.
        input_fields: Text fields to mark.
        pre_tags, post_tags: What to put around a match.
        threshold: Least confidence, 0 to 1; 0.5 on the embedded engine.
        highlight_only: Return the marked pieces, a score each, instead of the whole text with the
            best score.
        model_deployment_id: The model; on the embedded engine, the name of a registered reranker.
        max_client_batch_size: Most texts per call of the model.

    Example:
        >>> from aiomilvus import SemanticHighlighter
        >>> SemanticHighlighter(["how tides work"], ["blurb"], threshold=0.5).params
        {'queries': ['how tides work'], 'input_fields': ['blurb'], 'threshold': 0.5}
    """

    type = HighlightType.SEMANTIC

    def __init__(
        self,
        queries: list[str],
        input_fields: list[str],
        *,
        pre_tags: list[str] | None = None,
        post_tags: list[str] | None = None,
        threshold: float | None = None,
        highlight_only: bool | None = None,
        model_deployment_id: str | None = None,
        max_client_batch_size: int | None = None,
    ) -> None:
        self.queries = queries
        self.input_fields = input_fields
        self.pre_tags = pre_tags
        self.post_tags = post_tags
        self.threshold = threshold
        self.highlight_only = highlight_only
        self.model_deployment_id = model_deployment_id
        self.max_client_batch_size = max_client_batch_size

    @property
    def params(self) -> dict[str, Any]:
        """What is set, by Milvus' names."""
        return _set_only(
            queries=self.queries,
            input_fields=self.input_fields,
            pre_tags=self.pre_tags,
            post_tags=self.post_tags,
            threshold=self.threshold,
            highlight_only=self.highlight_only,
            model_deployment_id=self.model_deployment_id,
            max_client_batch_size=self.max_client_batch_size,
        )


def _set_only(**params: Any) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value is not None}


def _expect(holds: bool, message: str, given: object) -> None:
    if not holds:
        raise ParamError(message=f"{message}, but got {type(given)}")


def _names(side: str, given: str | list[str]) -> list[str]:
    text = f"The {side} field names of the function should be a string or a list of strings"
    _expect(isinstance(given, (str, list)), text, given)
    names = [given] if isinstance(given, str) else given
    if not all(isinstance(name, str) for name in names):
        raise ParamError(message="The type of function input and output must be str.")
    if len(names) != len(set(names)):
        raise ParamError(message=f"Duplicate {side} field names are not allowed in function.")
    return names
