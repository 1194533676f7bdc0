"""Index structures, one module or package per family.

`registry` knows which is built for which field. `engine.maintenance` builds them, `engine.segment`
stores and opens them, `engine.query` searches them by what `contract` promises.
"""
