"""Who may do what: how passwords are checked."""

from __future__ import annotations

from aiomilvus.model.access import User, hashed, verify


def test_only_the_password_itself_is_right() -> None:
    user = User(secret=hashed("ada-secret"))
    assert verify("ada-secret", user)
    for wrong in ("", "ada-secre", "ada-secret ", "ada-secret\0", "ada-secret\0\0", "\0"):
        assert not verify(wrong, user)
    assert not verify("Milvus\0", User())
