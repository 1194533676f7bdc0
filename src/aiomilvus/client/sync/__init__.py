# Generated from src/aiomilvus/client/aio/__init__.py by tools/make_sync.py; edit that file.
"""The client's methods: synchronous in `client.sync`; `client.sync` is generated from these."""
