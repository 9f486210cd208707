"""Conversations in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.domain.account import ShopScope
from bot.domain.conversation import Buyer, Conversation, Message
from bot.domain.conversation_lines import conversation_line, message_line
from bot.ports import Conflict, Found, NewMessage, Rule, Written
from bot.storage.conversation_rows import BESIDE
from bot.storage.looks import CLAIM
from bot.storage.memory_conversation_extras import Look, MemoryConversationExtras, Talks
from bot.storage.message_grams import fold, simplified, words_of

_NEVER: Final = float("inf")


class MemoryConversations(MemoryConversationExtras):
    """The ConversationStore of bot.ports."""

    def reading(self, shop: str) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def open_conversation(self, shop: str, buyer: Buyer, at: datetime) -> Conversation:
        talks = self._of(shop)
        known = self._put_buyer(talks, buyer)
        for conversation in talks.conversations.values():
            if conversation.buyer.id == known.id and conversation.state != "closed":
                return talks.with_buyer(conversation)
        opened = Conversation(f"c{next(self._numbers)}", known, "open", at)
        talks.conversations[opened.id] = opened
        talks.messages[opened.id] = []
        self._put_look(shop, opened, {"look_at": None})
        self.tell(shop, opened.id, "conversation", conversation_line(opened))
        return opened

    def _put_buyer(self, talks: Talks, buyer: Buyer) -> Buyer:
        if buyer.id and not buyer.external_id:
            return talks.find_buyer(buyer.id)
        for known in talks.buyers.values():
            if buyer.external_id and (known.channel, known.external_id) == (buyer.channel, buyer.external_id):
                later = replace(known, name=buyer.name or known.name, viewed=buyer.viewed or known.viewed)
                talks.buyers[known.id] = later
                return later
        fresh = replace(buyer, id=f"b{next(self._numbers)}")
        talks.buyers[fresh.id] = fresh
        return fresh

    async def write_message(self, shop: str, conversation: str, message: NewMessage, rule: Rule) -> Written:
        talks = self._of(shop)
        before = talks.find(conversation)
        for written in talks.messages[conversation]:
            if written.key == message.key:
                self._drop_sent(talks, conversation, message)
                return Written(before, written, is_new=False, before=before)
        fresh = Message(
            number=before.last_number + 1,
            author=message.author,
            text=message.text,
            at=message.at,
            account=message.account,
            image=message.image,
            quotes=message.quotes,
            key=message.key,
        )
        change = {"last_number": fresh.number, **rule(before)}
        after = self._write(shop, before, change)
        talks.messages[conversation].append(fresh)
        self.auto.put_due(shop, after, change, message.at)
        self.outgoing.put(shop, before, after, None if message.is_there else fresh)
        self._drop_sent(talks, conversation, message)
        self.tell(shop, conversation, "message", message_line(fresh))
        self.tell(shop, conversation, "conversation", conversation_line(after))
        return Written(after, fresh, before=before)

    @staticmethod
    def _drop_sent(talks: Talks, conversation: str, message: NewMessage) -> None:
        held = talks.held.get(message.key)
        if message.author == "agent" and held is not None and held.conversation == conversation:
            del talks.held[message.key]
            talks.claims.pop(message.key, None)

    async def change_conversation(
        self, shop: str, conversation: str, rule: Rule, expected_version: int | None = None
    ) -> Conversation:
        before = self._of(shop).find(conversation)
        if expected_version is not None and before.version != expected_version:
            raise Conflict(
                f"the conversation is at version {before.version}, not {expected_version}: read it again"
            )
        change = rule(before)
        after = self._write(shop, before, change)
        self.auto.put_due(shop, after, change)
        if not change.get("is_there"):
            self.outgoing.put(shop, before, after)
        if after != before:
            self.tell(shop, conversation, "conversation", conversation_line(after))
        return after

    def _write(self, shop: str, before: Conversation, change: Mapping[str, Any]) -> Conversation:
        talks = self._of(shop)
        fields = {name: value for name, value in change.items() if name not in BESIDE}
        after = replace(before, **fields, version=before.version + 1) if fields else before
        others = (
            c for c in talks.conversations.values() if c.buyer.id == after.buyer.id and c.id != after.id
        )
        if after.state != "closed" and any(other.state != "closed" for other in others):
            raise Conflict("it exists already")
        talks.conversations[after.id] = after
        self._put_look(shop, after, change)
        return after

    def _put_look(self, shop: str, conversation: Conversation, change: Mapping[str, Any]) -> None:
        key = shop, conversation.id
        if conversation.state == "closed" and change.get("look_at") is None:
            self._looks.pop(key, None)
        elif "look_at" in change or key not in self._looks:
            self._looks[key] = Look(change.get("look_at"))

    async def get_conversation(self, shop: str, conversation: str) -> Conversation:
        return self._of(shop).find(conversation)

    async def find_message(self, shop: str, conversation: str, key: str) -> Message | None:
        written = self._of(shop).messages.get(conversation, [])
        return next((message for message in written if message.key == key), None)

    async def list_messages(
        self, shop: str, conversation: str, limit: int, before: int | None = None
    ) -> list[Message]:
        talks = self._of(shop)
        talks.find(conversation)
        below = _NEVER if before is None else before
        written = [message for message in talks.messages[conversation] if message.number < below]
        return written[max(len(written) - limit, 0) :]

    async def read_thread(
        self, shop: str, conversation: str, limit: int
    ) -> tuple[Conversation, list[Message]]:
        found = await self.get_conversation(shop, conversation)
        return found, await self.list_messages(shop, conversation, limit)

    async def messages_after(self, shop: str, conversation: str, number: int) -> list[Message]:
        talks = self._of(shop)
        talks.find(conversation)
        return [message for message in talks.messages[conversation] if message.number > number]

    def _all(self, scope: ShopScope) -> list[tuple[str, Conversation]]:
        return [
            (shop, self._of(shop).with_buyer(conversation))
            for shop in sorted(scope.shops)
            for conversation in self._of(shop).conversations.values()
        ]

    async def queue(
        self, scope: ShopScope, states: Sequence[str], limit: int
    ) -> list[tuple[str, Conversation]]:
        found = [(shop, each) for shop, each in self._all(scope) if each.state in states]
        return sorted(found, key=_urgency)[:limit]

    async def held_by(self, scope: ShopScope, account: str) -> list[tuple[str, str]]:
        return sorted(
            (shop, each.id)
            for shop, each in self._all(scope)
            if account and each.assignee == account and each.state != "closed"
        )

    async def buyer_conversations(self, shop: str, buyer: str, limit: int) -> list[Conversation]:
        talks = self._of(shop)
        talks.find_buyer(buyer)
        own = [talks.with_buyer(c) for c in talks.conversations.values() if c.buyer.id == buyer]
        return sorted(own, key=lambda each: (each.opened_at, each.id), reverse=True)[:limit]

    async def shop_conversations(
        self, shop: str, since: datetime, until: datetime, after: str, limit: int
    ) -> list[Conversation]:
        talks = self._of(shop)
        found = [c for c in talks.conversations.values() if since <= c.opened_at < until and c.id > after]
        return [talks.with_buyer(c) for c in sorted(found, key=lambda c: c.id)[:limit]]

    async def search_messages(self, scope: ShopScope, text: str, limit: int) -> list[Found]:
        words = words_of(text, self._simplify)
        found = [
            Found(shop, each.id, each.buyer.id, message)
            for shop, each in self._all(scope)
            for message in self._of(shop).messages[each.id]
            if words and self._holds(message.text, words)
        ]
        return sorted(found, key=lambda one: (one.message.at, one.message.number), reverse=True)[:limit]

    def _holds(self, text: str, words: Sequence[str]) -> bool:
        searched = simplified(text, self._simplify) or fold(text)
        return all(word in searched for word in words)

    async def due_now(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        due = [
            (look.at, key)
            for key, look in self._looks.items()
            if look.at is not None and look.at <= at and (look.claimed is None or look.claimed <= at)
        ]
        claimed = [key for _, key in sorted(due)[:limit]]
        for key in claimed:
            self._looks[key].claimed = at + CLAIM
        return claimed

    async def look_again(self, shop: str, conversation: str, at: datetime | None) -> None:
        if (shop, conversation) in self._looks:
            self._looks[shop, conversation] = Look(at)

    async def loads(self, accounts: Sequence[str], since: datetime) -> Mapping[str, int]:
        held = [
            each.assignee
            for talks in self._talks.values()
            for each in talks.conversations.values()
            if each.state == "open" and (each.last_at or each.opened_at) > since
        ]
        return {account: held.count(account) for account in accounts}

    def _held(self) -> list[tuple[str, str, str]]:
        return sorted(
            (each.assignee, shop, each.id)
            for shop, talks in self._talks.items()
            for each in talks.conversations.values()
            if each.assignee and each.state == "open"
        )

    async def holders(self) -> list[tuple[str, str]]:
        return sorted({(account, shop) for account, shop, _ in self._held()})

    async def holdings(self, account: str) -> list[tuple[str, str]]:
        return [(shop, conversation) for holder, shop, conversation in self._held() if holder == account]


def _urgency(line: tuple[str, Conversation]) -> tuple[float, float, str]:
    each = line[1]
    due = each.due_at.timestamp() if each.due_at else _NEVER
    return due, -each.last_at.timestamp() if each.last_at else _NEVER, each.id
