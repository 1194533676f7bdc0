"""Answers as applications see them: they look like pymilvus' and are columnar inside."""
