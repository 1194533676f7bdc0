"""Function chains that score by models of XGBoost, which are files of the database."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xgboost

from aiomilvus import DataType, MilvusClient, ModelError, NotSupportedError, ParamError
from aiomilvus.engine.query.rerank import boosted_trees
from aiomilvus.engine.query.rerank.rank_plan import takes_long
from aiomilvus.function_chain import (
    FunctionChain,
    FunctionChainExpr,
    FunctionChainStage,
    col,
    fn,
)
from aiomilvus.model.ranking import Chains
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAGES = (
    FunctionChainStage.L0_RERANK,
    FunctionChainStage.L1_RERANK,
    FunctionChainStage.L2_RERANK,
)
ROWS: list[dict[str, Any]] = [
    {"pk": n, "v": [float(n), 1.0], "age": None if n == 3 else n * n % 7, "price": n / 3}
    for n in range(8)
]
FEATURES = np.array(
    [[np.nan if row["age"] is None else row["age"], row["price"]] for row in ROWS], np.float32
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with models over two features, and files that are none."""
    made = tmp_path_factory.mktemp("models")
    labels = (np.arange(8) % 3 == 0).astype(np.float32)
    settings = {"objective": "binary:logistic", "min_child_weight": 0, "nthread": 1}
    trained = xgboost.train(settings, xgboost.DMatrix(FEATURES, label=labels), 4)
    (made / "good.ubj").write_bytes(trained.save_raw("ubj"))
    several = {"objective": "multi:softprob", "num_class": 3, "nthread": 1}
    classes = xgboost.DMatrix(FEATURES, label=np.arange(8) % 3)
    (made / "several.ubj").write_bytes(xgboost.train(several, classes, 1).save_raw("ubj"))
    (made / "broken.ubj").write_bytes(b"{\xff no model")
    (made / "bytes.ubj").write_bytes(b"words\xff")
    (made / "words.txt").write_text("the\nof\n")
    return made


def expected(folder: Path, output: str) -> dict[int, float]:
    booster = xgboost.Booster(model_file=str(folder / "good.ubj"))
    found = booster.predict(xgboost.DMatrix(FEATURES), output_margin=output == "raw")
    return {row["pk"]: float(score) for row, score in zip(ROWS, found, strict=True)}


def fill(client: MilvusClient, folder: Path | None = None) -> None:
    schema = client.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("age", DataType.INT32, nullable=True)
    schema.add_field("price", DataType.DOUBLE)
    index = client.prepare_index_params("v", index_type="FLAT", metric_type="IP")
    client.create_collection("c", schema=schema, index_params=index)
    client.insert("c", ROWS)
    for name in ("good.ubj", "several.ubj", "broken.ubj", "bytes.ubj", "words.txt"):
        client.add_file_resource(name.split(".")[0], name if folder is None else str(folder / name))


@pytest.fixture
def client(tmp_path: Path, folder: Path) -> Iterator[MilvusClient]:
    with MilvusClient(str(tmp_path / "x.db")) as opened:
        fill(opened, folder)
        yield opened


def chain(expression: FunctionChainExpr, stage: FunctionChainStage) -> FunctionChain:
    return FunctionChain(stage).map("$score", expression)


def model(name: str = "good", output: str = "default") -> FunctionChainExpr:
    return fn.xgboost(col("age"), col("price"), model_resource=name, output=output)


def found(client: MilvusClient, call: FunctionChain) -> dict[int, float]:
    hits = client.search("c", [[1.0, 0.0]], limit=8, function_chains=call)
    return {hit["pk"]: hit["distance"] for hit in hits[0]}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("output", ["default", "raw"])
def test_a_model_scores_hits_at_each_stage(
    client: MilvusClient, folder: Path, stage: FunctionChainStage, output: str
) -> None:
    scores = found(client, chain(model(output=output), stage))
    assert scores == pytest.approx(expected(folder, output), abs=1e-6)
    assert len(set(scores.values())) > 2


def test_a_served_model_scores_alike(tmp_path: Path, folder: Path) -> None:
    with serving(tmp_path / "s.db", import_dir=str(folder)) as uri, MilvusClient(uri) as client:
        fill(client)
        assert found(client, chain(model(), STAGES[2])) == pytest.approx(
            expected(folder, "default"), abs=1e-6
        )
        with pytest.raises(ParamError, match=r'xgboost: file resource "other" not found'):
            found(client, chain(model("other"), STAGES[2]))


def test_a_model_is_there_after_reopening(tmp_path: Path, folder: Path) -> None:
    path = str(tmp_path / "y.db")
    with MilvusClient(path) as client:
        fill(client, folder)
    boosted_trees._booster.cache_clear()
    with MilvusClient(path) as client:
        assert len(found(client, chain(model(), STAGES[2]))) == 8


def test_what_does_not_fit_is_told(client: MilvusClient) -> None:
    columns = (col("age"), col("price"))
    cases: list[tuple[FunctionChainExpr, str]] = [
        (model("other"), r'file resource "other" not found \(registered: broken, bytes, good'),
        (model("broken"), "file resource broken is no model in UBJ: .*Invalid model format"),
        (model("bytes"), "file resource bytes is no model in UBJ: .*can't decode byte 0xff"),
        (model("words"), "file resource words is no model in UBJ"),
        (model("several"), "model several has 3 outputs a row, not one"),
        (fn.xgboost(col("age"), model_resource="good"), "expected 2 feature columns, got 1"),
        (fn.xgboost(col("age"), col("pk"), col("price"), model_resource="good"),
         "expected 2 feature columns, got 3"),
        (FunctionChainExpr("xgboost", columns, {"output": "raw"}), "model_resource is required"),
        (FunctionChainExpr("xgboost", columns, {"model_resource": {"checksum": "x"}}),
         "model_resource is required"),
        (FunctionChainExpr("xgboost", columns, {"model_resource": "good", "output": "x"}),
         r'output must be one of \[default, raw\], got "x"'),
        (FunctionChainExpr("xgboost", columns, {"model_resource": "good", "objective": "x"}),
         "objective is not supported"),
        (FunctionChainExpr("xgboost", columns, {"model_resource": "good", "more": 1}),
         'unknown parameter "more"'),
    ]  # fmt: skip
    for expression, said in cases:
        with pytest.raises(ParamError, match=f"xgboost: {said}"):
            found(client, chain(expression, STAGES[2]))


def test_a_model_that_fails_is_told_of(
    client: MilvusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any, **__: Any) -> Any:
        raise xgboost.core.XGBoostError("Check failed: columns\nStack trace:\n  [bt] (0) x.so")

    monkeypatch.setattr(xgboost.Booster, "inplace_predict", failing)
    said = "xgboost: model good can't be asked: Check failed: columns"
    with pytest.raises(ModelError, match=said) as caught:
        found(client, chain(model(), STAGES[2]))
    assert "Stack trace" not in str(caught.value)


def test_an_analyzer_refuses_a_file_that_is_no_text(client: MilvusClient) -> None:
    named = {"type": "remote", "resource_name": "broken", "file_name": "broken.ubj"}
    params = {"tokenizer": "standard", "filter": [{"type": "stop", "stop_words_file": named}]}
    with pytest.raises(ParamError, match="file resource broken should be UTF-8 text"):
        client.run_analyzer("the", json.dumps(params))


def test_without_the_package_the_command_that_installs_it_is_told(
    client: MilvusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    boosted_trees._booster.cache_clear()
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(NotSupportedError, match=r"pip install 'aiomilvus\[xgboost\]'"):
        found(client, chain(model(), STAGES[2]))


def test_a_search_by_a_model_never_runs_on_an_event_loop() -> None:
    for name, is_long in (("xgboost", True), ("rerank_model", True), ("decay", False)):
        operation = {"op": "map", "expr": {"name": name, "args": ()}, "outputs": ("$score",)}
        assert takes_long(Chains(chains=({"stage": 5, "ops": [operation]},))) is is_long


def test_what_is_explained_has_the_model_too(client: MilvusClient) -> None:
    call: Any = chain(model(), STAGES[2])
    plan = client.explain("c", [[1.0, 0.0]], limit=3, function_chains=call)
    assert plan is not None
