"""The audit log: who signed in, exported, or changed a membership or a policy. Lines are added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.domain.account import Account
from bot.ports import AccountStore, AuditLine, Clock

SIGNED_IN: Final = "signed_in"
SIGN_IN_FAILED: Final = "sign_in_failed"
SIGNED_OUT: Final = "signed_out"
SESSION_ENDED: Final = "session_ended"
PASSWORD_CHANGED: Final = "password_changed"  # noqa: S105 - a kind of line
PASSWORD_RESET: Final = "password_reset"  # noqa: S105 - a kind of line
ACCOUNT_CREATED: Final = "account_created"
ACCOUNT_CHANGED: Final = "account_changed"
OFFBOARDED: Final = "offboarded"
MEMBERSHIP_WRITTEN: Final = "membership_written"
MEMBERSHIP_ENDED: Final = "membership_ended"
POLICY_CHANGED: Final = "policy_changed"
AUTO_REPLY_STOPPED: Final = "auto_reply_stopped"
AUTO_REPLY_STARTED: Final = "auto_reply_started"
SHOP_CHANGED: Final = "shop_changed"
SHOP_CREATED: Final = "shop_created"
EXPORTED: Final = "exported"
BUYER_ERASED: Final = "buyer_erased"
ENTRIES_COPIED: Final = "entries_copied"
SOURCE_WRITTEN: Final = "source_written"
SOURCE_REMOVED: Final = "source_removed"
CHANNEL_WRITTEN: Final = "channel_written"
CHANNEL_REMOVED: Final = "channel_removed"
CHANNEL_SECRET_ROTATED: Final = "channel_secret_rotated"  # noqa: S105 - a kind of line

MAX_LINES: Final = 500
"""Lines that are read at once."""


class Auditor:
    """Writes and reads the audit log."""

    def __init__(self, accounts: AccountStore, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock

    async def record(
        self, kind: str, actor: Account, *, subject: str = "", shop: str = "", **data: object
    ) -> None:
        """Write one line in the log of the actor's organisation."""
        line = AuditLine(kind, self._clock.now(), actor.organisation, actor.login, subject, shop, data)
        await self._accounts.append_audit(line)

    async def record_from_outside(
        self, kind: str, organisation: str, actor: str, *, subject: str = "", shop: str = "", **data: object
    ) -> None:
        """Write a line for what nobody signed in did, such as a failed sign-in or a command at the server's console."""
        line = AuditLine(kind, self._clock.now(), organisation, actor, subject, shop, data)
        await self._accounts.append_audit(line)

    async def read(
        self, organisation: str, *, limit: int = 100, before: datetime | None = None
    ) -> list[AuditLine]:
        """Return the newest lines, newest first."""
        return await self._accounts.read_audit(organisation, min(limit, MAX_LINES), before)
