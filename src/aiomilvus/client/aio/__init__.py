"""The client's methods: asynchronous in `client.aio`; `client.sync` is generated from these."""
