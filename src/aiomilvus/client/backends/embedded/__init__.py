"""The embedded engine as a backend: which work runs where, and how callers share it.

The only part of the client that imports the engine, when a client first needs it.
"""
