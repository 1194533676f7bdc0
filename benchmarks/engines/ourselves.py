"""aiomilvus' asynchronous client on the embedded engine, one event loop, as users run it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from aiomilvus import AsyncMilvusClient, DataType
from benchmarks.engines.base import EF_CONSTRUCTION, BaseEngine, M

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus

T = TypeVar("T")
FILTERS = {"": "", "lexfile": "lexfile == 37", "pos": 'pos == "n"'}


class Engine(BaseEngine):
    """One client; timed loops run inside one coroutine where that matters."""

    name = "aiomilvus"

    def ingest(self, corpus: Corpus) -> None:
        self.loop = asyncio.new_event_loop()
        self.client = AsyncMilvusClient(str(self.folder / "ours.db"))
        self.parameters: dict[str, Any] = {"ef": self.ef} if self.index == "HNSW" else {}
        self.do(self._ingest(corpus))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the engine's loop."""
        return self.loop.run_until_complete(work)

    async def _define(self, dim: int) -> None:
        schema = self.client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("pos", DataType.VARCHAR, max_length=8)
        schema.add_field("lexfile", DataType.INT64)
        schema.add_field("gloss", DataType.VARCHAR, max_length=2_000)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        await self.client.create_collection("bench", schema=schema)

    async def _ingest(self, corpus: Corpus) -> None:
        await self._define(corpus.vectors.shape[1])
        rows = zip(corpus.pos, corpus.lexfile.tolist(), corpus.gloss, corpus.vectors, strict=True)
        batch: list[dict[str, Any]] = []
        for number, (pos, lexfile, gloss, vector) in enumerate(rows):
            row = {"id": number, "pos": pos, "lexfile": lexfile, "gloss": gloss}
            batch.append({**row, "vector": vector})
            if len(batch) == 2_000:
                await self.client.insert("bench", batch)
                batch = []
        if batch:
            await self.client.insert("bench", batch)

    def build(self) -> None:
        self.do(self._build())

    async def _build(self) -> None:
        params = self.client.prepare_index_params()
        given = {"M": M, "efConstruction": EF_CONSTRUCTION} if self.index == "HNSW" else {}
        params.add_index("vector", index_type=self.index, metric_type="IP", params=given)
        params.add_index("pos", index_type="INVERTED")
        params.add_index("lexfile", index_type="INVERTED")
        await self.client.flush("bench")
        await self.client.create_index("bench", params)
        await self.client.load_collection("bench")

    def reopen(self) -> None:
        self.do(self.client.close())
        self.client = AsyncMilvusClient(str(self.folder / "ours.db"))

    async def one(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        """Search as an application would: one awaited call."""
        found = await self.client.search(
            "bench",
            data=[vector],
            limit=k,
            filter=FILTERS[condition],
            search_params=self.parameters,
        )
        return [hit["id"] for hit in found[0]]

    def search(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        return self.do(self.one(vector, k, condition))

    def search_each(self, vectors: NDArray[np.float32], k: int, condition: str) -> list[list[int]]:
        """Search one at a time inside one coroutine."""

        async def each() -> list[list[int]]:
            return [await self.one(vector, k, condition) for vector in vectors]

        return self.do(each())

    def search_many(self, vectors: NDArray[np.float32], k: int, tasks: int) -> list[list[int]]:
        async def many() -> list[list[int]]:
            found: list[list[int]] = [[] for _ in vectors]
            queue = iter(range(len(vectors)))

            async def worker() -> None:
                for at in queue:
                    found[at] = await self.one(vectors[at], k, "")

            await asyncio.gather(*(worker() for _ in range(tasks)))
            return found

        return self.do(many())

    def get(self, keys: list[int]) -> int:
        return self.get_each([keys])

    def get_each(self, batches: list[list[int]]) -> int:
        """Read batches of keys inside one coroutine."""

        async def each() -> int:
            found = 0
            for keys in batches:
                found = len(await self.client.get("bench", ids=keys, output_fields=["gloss"]))
            return found

        return self.do(each())

    def count(self) -> int:
        return self.count_each(1)

    def count_each(self, times: int) -> int:
        """Count `times` times inside one coroutine."""

        async def each() -> int:
            found = 0
            for _ in range(times):
                rows = await self.client.query(
                    "bench", filter='pos == "n"', output_fields=["count(*)"]
                )
                found = int(rows[0]["count(*)"])
            return found

        return self.do(each())

    def close(self) -> None:
        self.do(self.client.close())
        self.loop.close()
