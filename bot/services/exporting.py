"""A shop's conversations as a file: JSON lines, or a table for a spreadsheet. Every export stands in the audit log."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

from bot.domain.account import Account
from bot.domain.conversation import Conversation, Message
from bot.ports import ConversationStore
from bot.services.auditing import EXPORTED, Auditor
from bot.services.colleagues import Colleagues

FORMATS: Final = ("jsonl", "csv")
_PAGE: Final = 100
_MESSAGES: Final = 1_000_000
_COLUMNS: Final = (
    "conversation", "opened_at", "buyer", "channel", "number", "at", "author", "account", "text", "image",
)  # fmt: skip
# A cell that begins so is a formula to a spreadsheet: a buyer's words must not run on the owner's machine.
_FORMULAS: Final = ("=", "+", "-", "@", "\t")


class Exporting:
    """Writes a shop's conversations out."""

    def __init__(self, store: ConversationStore, colleagues: Colleagues, auditor: Auditor) -> None:
        self._store = store
        self._colleagues = colleagues
        self._auditor = auditor

    async def export(
        self, shop: str, actor: Account, since: datetime, until: datetime, form: str
    ) -> AsyncIterator[str]:
        """Yield the lines of the file: conversations opened from `since` to before `until`. Raises ValueError.

        The audit log has its line before the first word leaves.
        """
        if form not in FORMATS:
            raise ValueError(f"format 应为 {' 或 '.join(FORMATS)}。 format is one of {', '.join(FORMATS)}.")
        await self._auditor.record(
            EXPORTED, actor, shop=shop, since=since.isoformat(), until=until.isoformat(), format=form
        )
        names = await self._colleagues.names(shop)
        if form == "csv":
            yield "\ufeff" + _csv_line(_COLUMNS)
        async for conversation in self._conversations(shop, since, until):
            messages = await self._store.list_messages(shop, conversation.id, _MESSAGES)
            if form == "jsonl":
                lines = [
                    _message(message, names.get(message.account, message.account)) for message in messages
                ]
                yield (
                    json.dumps({**_conversation(conversation), "messages": lines}, ensure_ascii=False) + "\n"
                )
            else:
                for message in messages:
                    yield _row(conversation, message, names.get(message.account, message.account))

    async def _conversations(
        self, shop: str, since: datetime, until: datetime
    ) -> AsyncIterator[Conversation]:
        last = ""
        while page := await self._store.shop_conversations(shop, since, until, last, _PAGE):
            for conversation in page:
                yield conversation
            last = page[-1].id


def _conversation(conversation: Conversation) -> dict[str, Any]:
    return {
        "conversation": conversation.id,
        "opened_at": conversation.opened_at.isoformat(),
        "state": conversation.state,
        "buyer": conversation.buyer.name,
        "channel": conversation.buyer.channel,
        "tags": list(conversation.buyer.tags),
    }


def _message(message: Message, name: str) -> dict[str, Any]:
    return {
        "number": message.number,
        "at": message.at.isoformat(),
        "author": message.author,
        "account": name,
        "text": message.text,
        "image": message.image,
    }


def _row(conversation: Conversation, message: Message, name: str) -> str:
    cells = {**_conversation(conversation), **_message(message, name)}
    return _csv_line([cells[column] for column in _COLUMNS])


def _csv_line(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell
