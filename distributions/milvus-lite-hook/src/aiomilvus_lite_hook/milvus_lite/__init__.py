"""In the place of milvus-lite: what pymilvus asks it for, on aiomilvus' engine."""
