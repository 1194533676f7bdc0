"""Requests of a hybrid search: what a request may not have that a search may."""

from __future__ import annotations

import numpy as np
import pytest

from aiomilvus.engine.database import Database
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import HybridSearch, Search
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.ranking import Chains, Rrf
from tests.support.batches import schema


def test_a_request_with_chains_of_its_own_is_refused() -> None:
    database = Database(None)
    database.execute(CreateCollection(collection="c", schema=schema()))
    params = {"index_type": "FLAT", "metric_type": "L2"}
    database.execute(CreateIndex(collection="c", field="v", name="v", params=params))
    database.execute(LoadCollection(collection="c"))
    chains = Chains(chains=({"stage": 3, "name": "", "ops": [{"op": "limit"}]},))
    zero = VectorColumn(np.zeros((1, 4), np.float32))
    plain = Search(collection="c", field="v", data=zero, limit=3)
    chained = Search(collection="c", field="v", data=zero, limit=3, ranker=chains)
    with pytest.raises(ParamError, match="function_chains is not supported for hybrid_search yet"):
        database.execute(HybridSearch(collection="c", requests=(plain, chained), ranker=Rrf()))
    database.close()
