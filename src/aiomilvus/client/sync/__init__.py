# Generated from src/aiomilvus/client/aio/__init__.py by tools/make_sync.py; edit that file.
"""The synchronous client; `client.sync` is generated from it."""
