"""Tree + schema + parameters → predicate: names, types, constants, in Milvus' terms.

`binder.bind` is the entrance, `keys.in_keys` the one for primary keys, which never pass
through text. Everything else here serves them.
"""
