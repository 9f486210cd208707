"""Passwords: which are taken, how one is made up, and their argon2id hashes, computed off the event loop."""

from __future__ import annotations

import asyncio
import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200
_FEWEST_CHARACTERS: Final = 4
_SHORTEST_LOGIN_HEEDED: Final = 3
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is misread when a password is written down: i, l, o, 0, 1."""
_AT_ONCE: Final = 2
"""A hash takes 64 MiB and a core: a storm of sign-ins waits in line instead of taking the machine."""


class UnfitPassword(ValueError):
    """The password is not taken; the message says why, Chinese first."""


def check_password(password: str, login: str) -> None:
    """Raise UnfitPassword for one that is too short, too long, too plain, or made of the login."""
    if len(password) < SHORTEST:
        raise UnfitPassword(f"密码至少 {SHORTEST} 个字符。 A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise UnfitPassword(f"密码最多 {LONGEST} 个字符。 A password has at most {LONGEST} characters.")
    folded, name = password.casefold(), login.strip().casefold()
    if len(name) >= _SHORTEST_LOGIN_HEEDED and (name in folded or name in folded[::-1]):
        raise UnfitPassword("密码不能包含登录名。 The password must not hold the login.")
    if len(set(folded)) < _FEWEST_CHARACTERS:
        raise UnfitPassword(
            f"密码至少要有 {_FEWEST_CHARACTERS} 种不同的字符。 "
            f"A password has at least {_FEWEST_CHARACTERS} different characters."
        )


def generate_password() -> str:
    """Return a password of 79 random bits, easy to read aloud: four groups of four."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


class Passwords:
    """Makes and checks hashes. An unknown login costs as much time as a known one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Return an argon2id hash."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one of that hash; None, for nobody's, is computed all the same."""
        if password_hash is None:
            if self._decoy is None:
                self._decoy = await self.hash(secrets.token_urlsafe())
            await self._verify(self._decoy, password)
            return False
        return await self._verify(password_hash, password)

    async def _verify(self, password_hash: str, password: str) -> bool:
        def compare() -> bool:
            try:
                return self._hasher.verify(password_hash, password)
            except (VerificationError, InvalidHashError):
                return False

        async with self._turns:
            return await asyncio.to_thread(compare)
