"""How large a set may be: one bound for those who build it, read it, and match values with it."""

from __future__ import annotations

MOST_BODY = 64 << 20
"""Bytes of a set without its header: Milvus' ``proxy.maxMembershipFilterSize``."""
