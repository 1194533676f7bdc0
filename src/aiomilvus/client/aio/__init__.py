"""The asynchronous client; `client.sync` is generated from it."""
