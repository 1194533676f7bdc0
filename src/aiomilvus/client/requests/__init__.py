"""Loose arguments → frozen operations, where that takes numpy: writes and reads of entities."""
