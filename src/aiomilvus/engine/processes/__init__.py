"""Several processes on one directory: one leads, the others follow. See docs/formats/board.md.

The process that holds the directory's lock is the leader: it has the log, the catalog and
maintenance. Others read the same files by themselves, kept current by the commit board, and send
what changes anything to the leader over a local socket (`listener`, `link`).
"""
