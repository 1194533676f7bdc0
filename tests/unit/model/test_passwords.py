"""How passwords are kept and compared."""

from __future__ import annotations

import subprocess
import sys

from aiomilvus.model.passwords import hashed, verify


def test_only_the_password_itself_is_right() -> None:
    secret = hashed("ada-secret")
    assert verify("ada-secret", secret)
    for wrong in ("", "ada-secre", "ada-secret ", "ada-secret\0", "ada-secret\0\0", "\0"):
        assert not verify(wrong, secret)
    assert not verify("Milvus\0", "")


def test_a_guess_takes_64_mib() -> None:
    # In a process of its own: in this one, passwords are cheap.
    program = "from aiomilvus.model.passwords import hashed; print(hashed('ada-secret'))"
    secret = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()
    _, n, r, p, *_ = secret.split("$")
    assert 128 * int(n) * int(r) == 64 << 20
    assert int(p) == 1
    assert verify("ada-secret", secret)
