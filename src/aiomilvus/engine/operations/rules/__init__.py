"""What a definition may ask for: Milvus' rules and words, checked before anything changes."""
