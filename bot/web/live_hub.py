"""The open pages of one worker: what happens in a shop is read once and handed to every page that may see it now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from aiohttp import WSCloseCode, web

from bot.domain.account import Right, ShopScope
from bot.domain.auto_lines import read_decided_line, read_hand_over_line
from bot.domain.conversation import Conversation
from bot.domain.conversation_lines import read_conversation_line, read_message_line
from bot.ports import Happening, NotFound
from bot.services.repeating import repeat
from bot.services.typing import BUYER, Listener, Typist
from bot.services.workspace import Workspace
from bot.services.workspace_data import (
    conversation_data,
    decision_data,
    hand_over_data,
    me_data,
    message_data,
    moment_data,
)
from bot.web.live_access import LiveAccess
from bot.web.live_alarms import AlarmClock
from bot.web.live_connection import LATER, SOON, LiveConnection, packed
from bot.web.live_looks import LiveLooks
from bot.web.live_presence import LivePresence
from bot.web.live_suggestions import LiveSuggestions

_log = logging.getLogger(__name__)
QUEUE_STATES: Final = ("open", "snoozed")
QUEUE_LIMIT: Final = 3000
_AT_ONCE: Final = 500
_AGAIN_SECONDS: Final = 1.0


class LiveHub:
    """Registers pages and feeds them. `run` for as long as the worker serves."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.suggestions = LiveSuggestions(workspace.suggester, self.viewers, workspace.clock)
        self.alarms = AlarmClock(workspace.clock, self._ring)
        self.presence = LivePresence(workspace.presence, workspace.presences, workspace.clock)
        self._looks = LiveLooks(workspace, self.pages_with)
        self._access = LiveAccess(workspace.accounts, workspace.colleagues, workspace.clock, self)
        self._warming = workspace.warming
        self._pages: dict[str, set[LiveConnection]] = {}
        self._of_shop: dict[str, set[LiveConnection]] = {}
        self._typing: dict[str, Callable[[], None]] = {}
        self._read: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}

    @property
    def pages(self) -> list[LiveConnection]:
        """All open pages."""
        return [page for pages in self._pages.values() for page in pages]

    def pages_of(self, account: str) -> list[LiveConnection]:
        """Return the person's open pages on this worker."""
        return list(self._pages.get(account, ()))

    def viewers(self, shop: str, conversation: str) -> Iterable[LiveConnection]:
        """Return the pages that show the conversation."""
        return [page for page in self._of_shop.get(shop, ()) if page.view == (shop, conversation)]

    def pages_with(self, shop: str) -> list[LiveConnection]:
        """Return the pages that are fed from the shop."""
        return list(self._of_shop.get(shop, ()))

    async def join(self, page: LiveConnection, feeds: Mapping[str, int]) -> None:
        """Let the page in: its queue, and what it missed since the feed numbers that it had. Raises StoreUnavailable."""
        self._pages.setdefault(page.account, set()).add(page)
        # Between the handshake and the hello rights may have ended; from here on the page hears of it.
        if not await self._access.renew(page):
            return
        await self.presence.join(page.account)
        await self.welcome(page, feeds)

    async def welcome(self, page: LiveConnection, feeds: Mapping[str, int]) -> None:
        """Send the page its queue, and feed it from here on. A page that it cannot be read for is closed and comes back."""
        try:
            await self._welcome(page, feeds)
        except BaseException:
            page.end(WSCloseCode.TRY_AGAIN_LATER, "the queue cannot be read now; connect again")
            raise

    async def _welcome(self, page: LiveConnection, feeds: Mapping[str, int]) -> None:
        scope = ShopScope.of(page.caller, Right.READ, self.workspace.clock.now())
        page.hold_back()
        await self._follow(page, scope.shops)
        numbers = {shop: self._read[shop] for shop in scope.shops}
        queue = await self.workspace.store.queue(scope, QUEUE_STATES, QUEUE_LIMIT)
        rows = [await self.conversation_row(shop, conversation) for shop, conversation in queue]
        missed = [
            (shop, text)
            for shop, number in feeds.items()
            if shop in scope.shops
            for each in await self._missed(shop, number)
            for text in await self._rendered(shop, each)
        ]
        page.let_go()
        now = self.workspace.clock.now()
        for shop in sorted(feeds.keys() - scope.shops):
            # Lost while the page was not connected. It is told so of whatever it names: that says nothing of what there is.
            page.tell("removed", shop)
        page.tell(
            "welcome",
            me=me_data(page.caller.account),
            queue=[row for row in rows if page.may(Right.READ, row["shop"], now)],
            feeds={shop: number for shop, number in numbers.items() if page.may(Right.READ, shop, now)},
            presence=self.presence.state_of(page.account),
            server_time=moment_data(now),
        )
        for shop, text in missed:
            self._send(page, (shop, ""), text, now)
        await self._remind(page, queue)
        page.catch_up()

    def leave(self, page: LiveConnection) -> None:
        """Forget the page."""
        pages = self._pages.get(page.account, set())
        pages.discard(page)
        if not pages:
            self._pages.pop(page.account, None)
            self.presence.leave(page.account)
        self.unfollow(page, page.shops)

    async def _follow(self, page: LiveConnection, shops: frozenset[str]) -> None:
        # Asked again after each wait: meanwhile the last page of a shop may have gone, and its number with it.
        while unread := [shop for shop in shops if shop not in self._read]:
            for shop, number in (await self.workspace.store.feed_numbers(unread)).items():
                self._read.setdefault(shop, number)
            for shop in unread:
                self._read.setdefault(shop, 0)
        page.shops = shops
        self._warming.want(shops)
        for shop in shops:
            self._of_shop.setdefault(shop, set()).add(page)
            if shop not in self._typing:
                self._typing[shop] = self.workspace.typing.listen(shop, self._typist_listener(shop))

    def unfollow(self, page: LiveConnection, shops: Iterable[str]) -> None:
        """Feed the page no longer from these shops."""
        gone = frozenset(shops)
        page.shops -= gone
        for shop in gone:
            pages = self._of_shop.get(shop, set())
            pages.discard(page)
            if not pages:
                self._of_shop.pop(shop, None)
                self._warming.forget(shop)
                self._read.pop(shop, None)
                self.alarms.forget(shop)
                if (silence := self._typing.pop(shop, None)) is not None:
                    silence()

    def remove(self, page: LiveConnection, shops: Iterable[str]) -> None:
        """The person lost these shops: nothing more of them reaches the page, and it is told to forget them."""
        gone = sorted(shops)
        self.unfollow(page, gone)
        for shop in gone:
            page.forget(shop)
            page.tell("removed", shop)

    async def conversation_row(self, shop: str, conversation: Conversation) -> dict[str, Any]:
        """Return the conversation as the queue shows it."""
        manners = await self.workspace.manners.of(shop)
        names = await self.workspace.colleagues.names(shop, conversation.assignee)
        return conversation_data(shop, conversation, manners.alarm_at(conversation), names)

    async def run(self) -> None:
        """Feed the pages until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(repeat("following feeds", self._follow_feeds))
            group.create_task(repeat("following rights", self._access.follow))
            group.create_task(repeat("comparing rights", self._access.compare))
            group.create_task(repeat("following shops' settings", self._looks.follow))
            group.create_task(repeat("keeping presence", self.presence.run))
            group.create_task(repeat("ringing alarms", self.alarms.run))
            group.create_task(repeat("loading shops", self._warming.run))

    async def close(self) -> None:
        """End what runs for single pages."""
        await self.suggestions.close()
        for task in list(self._reading.values()):
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)

    async def _follow_feeds(self) -> None:
        for shop in list(self._of_shop):
            self._read_on(shop, self._read.get(shop, 0) + 1)
        async for shop, number in self.workspace.store.watch_feeds():
            self._read_on(shop, number)

    def _read_on(self, shop: str, number: int) -> None:
        """Read the shop's feed up to that number, in a task of its own: a slow shop holds up no other."""
        if shop not in self._of_shop:
            return
        self._told[shop] = max(number, self._told.get(shop, 0))
        if shop not in self._reading:
            self._reading[shop] = asyncio.create_task(self._read_feed(shop), name=f"feed of {shop}")

    async def _read_feed(self, shop: str) -> None:
        try:
            while shop in self._of_shop and self._read.get(shop, 0) < self._told.get(shop, 0):
                before = self._read[shop]
                try:
                    happenings = await self.workspace.store.feed_since(shop, before, _AT_ONCE)
                except NotFound:
                    await self._begin_anew(shop)
                    return
                for each in happenings:
                    await self._hand_on(shop, each)
                    if shop in self._read:
                        self._read[shop] = max(self._read[shop], each.number)
                if not happenings:
                    return
        except Exception:  # noqa: BLE001 - one shop's trouble must not end the others' feeds; the next notice reads on
            _log.exception("reading the feed of shop %s failed", shop)
            # Nobody tells of the same number twice, and the next one may be hours away.
            told = self._told.get(shop, 0)
            asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._read_on, shop, told)
        finally:
            self._told.pop(shop, None)
            del self._reading[shop]

    async def _begin_anew(self, shop: str) -> None:
        """The feed no longer reaches back to what was read: every page gets its queue anew."""
        self._read[shop] = (await self.workspace.store.feed_numbers([shop])).get(shop, 0)
        for page in list(self._of_shop.get(shop, ())):
            await self.welcome(page, {})

    async def _missed(self, shop: str, number: int) -> Sequence[Happening]:
        """Return what came after that number; nothing when it is too much or too long ago: the queue says it all."""
        try:
            missed = await self.workspace.store.feed_since(shop, number, _AT_ONCE)
        except NotFound:
            return ()
        return missed if len(missed) < _AT_ONCE else ()

    async def _hand_on(self, shop: str, happening: Happening) -> None:
        rendered = await self._rendered(shop, happening)
        now = self.workspace.clock.now()
        holder = happening.data.get("assignee") if happening.kind == "conversation" else None
        for page in list(self._of_shop.get(shop, ())):
            # What another holds is only looked at. A message waits for the line on its conversation, which comes behind it.
            patience = SOON if holder is not None and holder in ("", page.account) else LATER
            for text in rendered:
                self._send(page, (shop, happening.conversation), text, now, patience)
        if happening.kind == "message" and happening.data.get("author") == "buyer":
            self.suggestions.want(shop, happening.conversation)
        if happening.kind == "conversation":
            conversation = read_conversation_line(happening.data)
            manners = await self.workspace.manners.of(shop)
            self.alarms.watch(shop, conversation, manners.alarm_at(conversation))

    async def _rendered(self, shop: str, happening: Happening) -> list[tuple[str, str]]:
        """Return the happening as packed messages, each with the account that alone is told ("" = all members)."""
        about = {"shop": shop, "conversation": happening.conversation, "feed": happening.number}
        data = happening.data
        if happening.kind == "conversation":
            row = await self.conversation_row(shop, read_conversation_line(data))
            return [("", packed({"type": "conversation", **about, "conversation": row}))]
        account = str(data.get("account", ""))
        names = await self.workspace.colleagues.names(shop, account)
        if happening.kind == "message":
            message = read_message_line(data)
            shown = message_data(message, names)
            texts = [("", packed({"type": "message", **about, "message": shown}))]
            if message.author == "agent" and message.key:
                texts.append(
                    (account, packed({"type": "sent", **about, "key": message.key, "message": shown}))
                )
            return texts
        if happening.kind == "note":
            note = {**data, "name": names.get(account, "")}
            return [("", packed({"type": "note", **about, "note": note}))]
        if happening.kind == "refused":
            error = {"code": "conflict", "message": data.get("why", ""), "fields": {}}
            refused = {
                "type": "refused",
                **about,
                "key": data.get("key"),
                "error": error,
                "text": data.get("text", ""),
            }
            return [(account, packed(refused))]
        if happening.kind == "decided":
            decision = decision_data(read_decided_line(data))
            return [("", packed({"type": "decided", **about, "decision": decision}))]
        if happening.kind == "hand_over":
            hand_over = hand_over_data(read_hand_over_line(data))
            return [("", packed({"type": "hand_over", **about, "hand_over": hand_over}))]
        if happening.kind == "delivery":
            return [("", packed({"type": "delivery", **about, "delivery": dict(data)}))]
        return [("", packed({"type": happening.kind, **about}))]

    @staticmethod
    def _send(
        page: LiveConnection,
        about: tuple[str, str],
        text: tuple[str, str],
        now: datetime,
        patience: float = 0.0,
    ) -> None:
        only, packed_text = text
        if (not only or only == page.account) and page.may(Right.READ, about[0], now):
            page.send(packed_text, about[0], patience=0.0 if only or page.view == about else patience)

    async def _remind(self, page: LiveConnection, queue: Sequence[tuple[str, Conversation]]) -> None:
        """Ring on this page alone for what rang before it came."""
        for shop, conversation in queue:
            manners = await self.workspace.manners.of(shop)
            if self.alarms.keep_silent(shop, conversation, manners.alarm_at(conversation)):
                self._ring_at([page], shop, conversation)

    def _ring(self, shop: str, conversation: Conversation) -> None:
        self._ring_at(self._of_shop.get(shop, ()), shop, conversation)

    def _ring_at(self, pages: Iterable[LiveConnection], shop: str, conversation: Conversation) -> None:
        """Ring with whom it concerns: its agent, or, when nobody has it, everybody who is there."""
        now = self.workspace.clock.now()
        if conversation.state != "open":
            return
        text = packed(
            {
                "type": "alarm",
                "shop": shop,
                "conversation": conversation.id,
                "due_at": moment_data(conversation.due_at),
                "waiting_since": moment_data(conversation.waiting_since),
            }
        )
        for page in list(pages):
            concerned = (
                page.account == conversation.assignee
                if conversation.assignee
                else self.presence.state_of(page.account) == "online"
            )
            if concerned and page.may(Right.ANSWER, shop, now):
                page.send(text, shop)

    def _typist_listener(self, shop: str) -> Listener:
        def hear(conversation: str, typist: Typist, on: bool) -> None:
            now = self.workspace.clock.now()
            who = "buyer" if typist == BUYER else typist.name
            typing = {"type": "typing", "shop": shop, "conversation": conversation, "who": who, "on": on}
            text = packed(typing)
            for page in self.viewers(shop, conversation):
                if page.account != typist.account and page.may(Right.READ, shop, now):
                    page.send(text, shop)

        return hear


HUB = web.AppKey("hub", LiveHub)
