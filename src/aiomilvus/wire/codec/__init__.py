"""Pure functions between the protocol's messages and the model; one module per topic.

Each topic has both directions: a client writes what a server reads, and the reverse. They take
and return messages, columns, or pieces of a message (see `aiomilvus.wire.splice`), and raise
the errors of `aiomilvus.errors` for what does not fit. Nothing here does I/O or keeps state.
"""
