"""Bytes on disk: files, checksums, the array container and the log. Knows no rows."""
