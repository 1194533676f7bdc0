"""The database: synchronous, thread-safe, knows neither asyncio nor protobuf."""
