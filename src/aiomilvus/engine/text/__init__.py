"""Text analysis: from strings to terms, term statistics, and text matching.

`analyzer` turns Milvus' analyzer JSON into an `Analyzer`; `languages` picks one per row;
`tokens` holds analysed batches and the term hash; `statistics` the corpus statistics that
BM25 needs; `match` the index behind ``text_match`` and ``phrase_match``; `minhash` the signatures
that tell near duplicates. Scoring lives in `engine.index.sparse`, and the index of signatures in
`engine.index.minhash`.

The engine's write, query and index parts call this package. It knows no segments or
collections; the files that a directory keeps for it are read by `kept_resources`.
"""
