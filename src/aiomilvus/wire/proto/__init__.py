"""Milvus' protobuf messages, as our own .proto text in a pool of our own."""
