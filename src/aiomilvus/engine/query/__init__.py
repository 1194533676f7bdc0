"""Reading a snapshot: query, search, hybrid search, explain. `run` is the entrance."""
