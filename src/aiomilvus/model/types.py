"""Data types, metrics and states, with the numbers that Milvus' protocol gives them."""

from __future__ import annotations

from enum import Enum, IntEnum


class DataType(IntEnum):
    """A field's type. The values are the protocol's."""

    NONE = 0
    BOOL = 1
    INT8 = 2
    INT16 = 3
    INT32 = 4
    INT64 = 5
    FLOAT = 10
    DOUBLE = 11
    STRING = 20
    VARCHAR = 21
    ARRAY = 22
    JSON = 23
    GEOMETRY = 24
    TEXT = 25
    TIMESTAMPTZ = 26
    BINARY_VECTOR = 100
    FLOAT_VECTOR = 101
    FLOAT16_VECTOR = 102
    BFLOAT16_VECTOR = 103
    SPARSE_FLOAT_VECTOR = 104
    INT8_VECTOR = 105
    ARRAY_OF_VECTOR = 106
    ARRAY_OF_STRUCT = 200
    STRUCT = 201
    UNKNOWN = 999

    @property
    def is_vector(self) -> bool:
        """Whether the type is a vector, dense, binary or sparse."""
        return DataType.BINARY_VECTOR <= self <= DataType.INT8_VECTOR

    @property
    def is_dense(self) -> bool:
        """Whether the type is a vector with one number per dimension."""
        return self in _DENSE

    @property
    def is_integer(self) -> bool:
        """Whether the type is a whole number."""
        return DataType.INT8 <= self <= DataType.INT64

    @property
    def is_string(self) -> bool:
        """Whether values are text (VARCHAR, STRING, TEXT)."""
        return self in _STRINGS

    @property
    def is_short_text(self) -> bool:
        """Whether values are texts that are sorted, grouped and compared (VARCHAR, STRING)."""
        return self in (DataType.VARCHAR, DataType.STRING)

    @property
    def spelling(self) -> str:
        """The name as Milvus' errors spell it, ``VarChar``."""
        return _SPELLINGS.get(self) or self.name.title().replace("_", "")


_DENSE = frozenset(
    {
        DataType.FLOAT_VECTOR,
        DataType.FLOAT16_VECTOR,
        DataType.BFLOAT16_VECTOR,
        DataType.INT8_VECTOR,
    }
)
_SPELLINGS = {
    DataType.VARCHAR: "VarChar",
    DataType.JSON: "JSON",
    DataType.BFLOAT16_VECTOR: "BFloat16Vector",
    DataType.ARRAY_OF_VECTOR: "ArrayOfVector",
    DataType.ARRAY_OF_STRUCT: "ArrayOfStruct",
}
_STRINGS = frozenset({DataType.VARCHAR, DataType.STRING, DataType.TEXT})


class FunctionType(IntEnum):
    """What a schema function computes."""

    UNKNOWN = 0
    BM25 = 1
    TEXTEMBEDDING = 2
    RERANK = 3
    MINHASH = 4

    @property
    def spelling(self) -> str:
        """The name as Milvus' errors spell it, ``TextEmbedding``."""
        return _FUNCTIONS.get(self) or self.name.title()


_FUNCTIONS = {
    FunctionType.BM25: "BM25",
    FunctionType.TEXTEMBEDDING: "TextEmbedding",
    FunctionType.MINHASH: "MinHash",
}


class HighlightType(IntEnum):
    """How a highlighter finds what to mark."""

    LEXICAL = 0
    SEMANTIC = 1


class ConsistencyLevel(IntEnum):
    """How recent the data must be that a read sees."""

    Strong = 0
    Session = 1
    Bounded = 2
    Eventually = 3
    Customized = 4


class LoadState(IntEnum):
    """Whether a collection can be searched. Prints as ``<LoadState: Loaded>``."""

    NotExist = 0
    NotLoad = 1
    Loading = 2
    Loaded = 3

    def __repr__(self) -> str:
        return f"<LoadState: {self.name}>"

    def __str__(self) -> str:
        return self.name


class IndexState(IntEnum):
    """How far the building of an index is."""

    IndexStateNone = 0
    Unissued = 1
    InProgress = 2
    Finished = 3
    Failed = 4
    Retry = 5


class SegmentState(IntEnum):
    """The life of a segment. The values are the protocol's."""

    SegmentStateNone = 0
    NotExist = 1
    Growing = 2
    Sealed = 3
    Flushed = 4
    Flushing = 5
    Dropped = 6
    Importing = 7


class CompactionState(IntEnum):
    """The state of a compaction job."""

    UndefiedState = 0
    Executing = 1
    Completed = 2


class CompactionType(IntEnum):
    """What a compaction does with segments."""

    UndefinedCompaction = 0
    MergeCompaction = 2
    MixCompaction = 3
    SingleCompaction = 4
    MinorCompaction = 5
    MajorCompaction = 6
    Level0DeleteCompaction = 7
    ClusteringCompaction = 8
    SortCompaction = 9
    PartitionKeySortCompaction = 10
    ClusteringPartitionKeySortCompaction = 11
    BumpSchemaVersionCompaction = 12


class CompactionTaskState(IntEnum):
    """The state of one merge of a compaction job."""

    Unknown = 0
    Executing = 1
    Pipelining = 2
    Completed = 3
    Failed = 4
    Timeout = 5
    Analyzing = 6
    Indexing = 7
    Cleaned = 8
    MetaSaved = 9
    Statistic = 10


class MetricType(str, Enum):
    """A distance or similarity between vectors."""

    L2 = "L2"
    IP = "IP"
    COSINE = "COSINE"
    BM25 = "BM25"
    HAMMING = "HAMMING"
    JACCARD = "JACCARD"
    SUBSTRUCTURE = "SUBSTRUCTURE"
    SUPERSTRUCTURE = "SUPERSTRUCTURE"
    MHJACCARD = "MHJACCARD"
    MAX_SIM = "MAX_SIM"
    MAX_SIM_COSINE = "MAX_SIM_COSINE"
    MAX_SIM_IP = "MAX_SIM_IP"
    MAX_SIM_L2 = "MAX_SIM_L2"
    MAX_SIM_HAMMING = "MAX_SIM_HAMMING"
    MAX_SIM_JACCARD = "MAX_SIM_JACCARD"

    @property
    def larger_is_closer(self) -> bool:
        """Whether a larger value means a better hit (IP, COSINE, BM25, MAX_SIM…)."""
        return self not in _SMALLER_IS_CLOSER


_SMALLER_IS_CLOSER = frozenset(
    {
        MetricType.L2,
        MetricType.HAMMING,
        MetricType.JACCARD,
        MetricType.SUBSTRUCTURE,
        MetricType.SUPERSTRUCTURE,
        MetricType.MAX_SIM_L2,
        MetricType.MAX_SIM_HAMMING,
        MetricType.MAX_SIM_JACCARD,
    }
)
