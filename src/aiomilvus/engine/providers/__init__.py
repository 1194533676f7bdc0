"""Models outside the engine: what embeds texts, what scores texts against a query.

A provider is a registered Python object, or a service behind an HTTP address that whoever runs
the engine has allowed. Calls block, so operations that use them never run on an event loop.
"""
