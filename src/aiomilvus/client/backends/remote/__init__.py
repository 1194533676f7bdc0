"""A Milvus server as a backend: channels, deadlines, retries, the schema cache."""
