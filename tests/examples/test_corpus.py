"""The corpus of the examples is what its README says it is."""

from __future__ import annotations

import numpy as np

from examples import corpus


def test_rows_and_vectors_belong_together() -> None:
    rows, vectors = corpus.rows(), corpus.vectors()
    ids = [row["id"] for row in rows]
    assert len(rows) == 3_750
    assert ids == sorted(set(ids))
    assert vectors.shape == (3_750, corpus.DIMENSION)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_every_row_has_a_lemma_a_gloss_and_a_known_topic() -> None:
    for row in corpus.rows():
        assert row["lemma"]
        assert row["gloss"]
        topic = corpus.LEXFILES[row["lexfile"]]
        assert topic.startswith({"n": "noun", "v": "verb", "a": "adj", "r": "adv"}[row["pos"]])


def test_the_best_answers_are_those_with_the_greatest_inner_product() -> None:
    ids = np.array([row["id"] for row in corpus.rows()])
    scores = corpus.question_vectors() @ corpus.vectors().T
    for question, row_scores in zip(corpus.questions(), scores, strict=True):
        assert question["best"] == ids[np.argsort(-row_scores)[:10]].tolist()


def test_the_answers_make_sense() -> None:
    lemmas = {row["id"]: row["lemma"] for row in corpus.rows()}
    first = {question["text"]: lemmas[question["best"][0]] for question in corpus.questions()}
    assert first["The milk has soured"] == "sour milk"
    assert first["individual drops of rain"] == "raindrop"
    assert len(first) == 20
