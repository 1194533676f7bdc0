"""Bulk import: files beside the server become rows, each file whole or not at all."""
