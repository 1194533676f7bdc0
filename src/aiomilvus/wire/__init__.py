"""Milvus' wire protocol: messages, and codecs between them and the model, both directions.

Pure functions, no sockets: the remote backend and the server drive them. Knows the model and
the errors, never the engine.
"""
