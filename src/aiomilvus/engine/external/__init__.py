"""Rows of files that somebody else writes, read where they are.

What is here knows formats and files, and nothing of segments: `segment.external` lets a segment
read its columns by it, `operations.external` decides which files are read.
"""
