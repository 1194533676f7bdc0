import numpy as np
import pytest

from aiomilvus.engine.index.minhash import similarity
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.minhash import MinHasher, MinHashParams, minhash_params
from aiomilvus.errors import ParamError


def signatures(texts, **params):
    return MinHasher(
        MinHashParams(**{"num_hashes": 512, **params}), build_analyzer(None)
    ).signatures(texts)


@pytest.mark.parametrize("hash_function", ["xxhash", "xxhash64", "sha1"])
@pytest.mark.parametrize("token_level", ["word", "char"])
def test_agreement_estimates_the_jaccard_similarity_of_shingles(hash_function, token_level):
    first = [str(n) for n in range(100, 160)]
    second = [str(n) for n in range(120, 180)]
    if token_level == "word":
        texts, size = [" ".join(first), " ".join(second)], 1
    else:
        texts, size = (
            ["".join(map(chr, range(1000, 1060))), "".join(map(chr, range(1020, 1080)))],
            1,
        )
    found = signatures(
        texts, hash_function=hash_function, token_level=token_level, shingle_size=size
    )
    assert similarity(found[0], found[1:])[0] == pytest.approx(40 / 80, abs=0.08)


def test_signatures_have_32_bits_per_hash_and_depend_on_the_seed_only():
    one, same = signatures(["a b c d"]), signatures(["a b c d"])
    other = signatures(["a b c d"], seed=7)
    assert one.shape == (1, 4 * 512)
    assert one.dtype == np.uint8
    assert np.array_equal(one, same)
    assert similarity(one[0], other)[0] == 0.0


def test_word_shingles_go_through_the_analyzer():
    found = signatures(["The Cat sat", "the cat, sat!"])
    assert similarity(found[0], found[1:])[0] == 1.0


def test_a_text_shorter_than_a_shingle_is_one_shingle_and_nothing_is_all_ones():
    found = signatures(["ab", "ab", ""], token_level="char", shingle_size=5)
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])
    assert (found[2] == 255).all()


def test_many_shingles_are_hashed_in_pieces(monkeypatch):
    text = [" ".join(map(str, range(300)))]
    whole = signatures(text)
    monkeypatch.setattr("aiomilvus.engine.text.minhash._BLOCK_SHINGLES", 7)
    assert np.array_equal(signatures(text), whole)


def test_parameters_have_defaults_and_may_be_strings():
    assert minhash_params({}, 512) == MinHashParams(16, 3, "xxhash", "word", 1234)
    assert minhash_params({"num_hashes": "4", "shingle_size": "2"}, 128).shingle_size == 2


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"num_hashes": 8}, r"32 \* num_hashes = 256, got 512"),
        ({"num_hashes": 0}, "num_hashes should be a whole number"),
        ({"shingle_size": 1.5}, "shingle_size"),
        ({"seed": "x"}, "seed"),
        ({"hash_function": "md5"}, "hash_function should be one of xxhash, xxhash64, sha1"),
        ({"token_level": "line"}, "token_level should be one of word, char"),
        ({"bands": 1}, "unknown MinHash function param: bands"),
    ],
)
def test_wrong_parameters_are_refused(params, message):
    with pytest.raises(ParamError, match=message):
        minhash_params(params, 512)
