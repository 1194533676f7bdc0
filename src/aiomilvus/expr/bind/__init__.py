"""Tree + schema + parameters → predicate: names, types, constants, in Milvus' terms.

`binder.bind` is the entrance; everything else here serves it.
"""
