"""Builders with which an application describes a collection, under pymilvus' names.

They are mutable and forgiving; `client.inputs.schema.freeze` turns them into the frozen
`model.schema.Schema` at the client's door.
"""
