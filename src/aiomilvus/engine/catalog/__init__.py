"""The catalog: what the database knows of its collections, in one SQLite file."""
