"""The demo's buyers: scripts played into real conversations, so that the workspace opens on a living queue."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.conversation import Buyer, Conversation
from bot.domain.text import asks, is_acknowledgement
from bot.ports import Clock, Conflict, ConversationStore, NotFound, Unavailable, Written
from bot.services.demo_scripts import Line, Script

_log = logging.getLogger(__name__)
CHANNEL: Final = "demo"
_TICK: Final = 0.5
_PATIENCE: Final = {"calm": (70, 120), "hurried": (40, 65), "angry": (22, 40)}
_ASKS_AGAIN: Final = {"calm": 1, "hurried": 2, "angry": 3}
_THINKS: Final = (5.0, 14.0)
_GIVES_UP: Final = 240.0
_TIDIES_EVERY: Final = 30.0


class Talking(Protocol):
    """What the buyers speak into. An account "" closes as nobody."""

    async def receive(self, shop: str, buyer: Buyer, text: str, *, key: str, image: str = "") -> Written: ...

    async def close(
        self, shop: str, conversation: str, account: str, *, take_over: bool = False
    ) -> Conversation: ...


@dataclass(frozen=True, slots=True)
class Pacing:
    """How lively the demo is: `at_first` buyers come within half a minute, then one every `between` seconds.

    At most `at_once` conversations are open; one that its buyer left is closed after `left_minutes`.
    """

    at_first: int = 9
    at_once: int = 25
    between: tuple[float, float] = (20.0, 40.0)
    first_within: float = 30.0
    left_minutes: float = 12.0


class Play:
    """One buyer's conversation: what it says next and when. It knows no clock: it is told the time."""

    def __init__(self, script: Script, now: datetime, chance: random.Random) -> None:
        self.script = script
        self.conversation = ""
        self.heard = 0
        self.is_over = False
        self.next_at = now
        self._chance = chance
        self._turns = [*script.turns, *_farewell(script, chance)]
        self._turn = 0
        self._bubble = 0
        self._asked_again = 0

    def say(self, now: datetime) -> str | None:
        """Return what the buyer says now, None when it says nothing; then it waits for the next bubble or a reply."""
        if self.is_over or now < self.next_at:
            return None
        turn = self._turns[self._turn]
        if self._bubble == len(turn):
            return self._ask_again(now)
        line = turn[self._bubble]
        self._bubble += 1
        if self._bubble < len(turn):
            self.next_at = now + timedelta(seconds=self._typing(turn[self._bubble]))
        elif self._turn == len(self._turns) - 1 and is_acknowledgement(line.text):
            self.is_over = True
        else:
            self._lose_patience_after(now)
        return line.text

    def reply(self, now: datetime) -> None:
        """The shop spoke: who has said all of its turn thinks, then goes on with the next one or leaves."""
        if self.is_over or self._bubble < len(self._turns[self._turn]):
            return  # still typing: it has not read that yet
        self._turn += 1
        self._bubble = self._asked_again = 0
        if self._turn == len(self._turns):
            self.is_over = True
            return
        thinks = self._chance.uniform(*_THINKS) + self._typing(self._turns[self._turn][0])
        self.next_at = now + timedelta(seconds=thinks)

    def _lose_patience_after(self, now: datetime) -> None:
        self.next_at = now + timedelta(seconds=self._chance.uniform(*_PATIENCE[self.script.mood]))

    def _typing(self, line: Line) -> float:
        return (
            line.wait if line.wait is not None else 1.2 + 0.28 * len(line.text) + self._chance.uniform(0, 2)
        )

    def _ask_again(self, now: datetime) -> str | None:
        """Ask whether somebody is there, as often as the mood has it; then wait in silence, then leave."""
        most = _ASKS_AGAIN[self.script.mood]
        if self._asked_again > most or not self._wants_an_answer():
            self.is_over = True
            return None
        self._asked_again += 1
        if self._asked_again > most:
            self.next_at = now + timedelta(seconds=_GIVES_UP)
            return None
        self._lose_patience_after(now)
        return self._chance.choice(self.script.impatient)

    def _wants_an_answer(self) -> bool:
        first = self._turn == 0
        return bool(self.script.impatient) and (
            first or any(asks(line.text) for line in self._turns[self._turn])
        )


def _farewell(script: Script, chance: random.Random) -> list[tuple[Line, ...]]:
    """Return a thank-you for the end of a script that has none."""
    if is_acknowledgement(script.turns[-1][-1].text) or not script.thanks:
        return []
    return [(Line(chance.choice(script.thanks)),)]


@dataclass(frozen=True, slots=True)
class _Left:
    """A conversation whose buyer is gone."""

    buyer: str
    since: datetime


class DemoBuyers:
    """Plays scripts into the shops they belong to. One process plays; others only see conversations."""

    def __init__(
        self,
        scripts: Sequence[Script],
        conversations: ConversationStore,
        conversing: Talking,
        clock: Clock,
        *,
        pacing: Pacing = Pacing(),
        chance: random.Random | None = None,
    ) -> None:
        self._scripts = list(scripts)
        self._conversations = conversations
        self._conversing = conversing
        self._clock = clock
        self._pacing = pacing
        self._chance = chance or random.Random()  # noqa: S311 - a play, nothing to guess
        self._plays: list[Play] = []
        self._left: dict[tuple[str, str], _Left] = {}
        self._next_at: datetime | None = None
        self._tidied_at: datetime | None = None
        self._waiting: list[Script] = []
        self._said = 0
        self._run = f"{self._chance.getrandbits(48):012x}"

    async def play(self) -> None:
        """Play until cancelled. What cannot be said now, because a part is away, is said later."""
        while True:
            try:
                await self.step()
            except (Unavailable, Conflict) as error:
                _log.info("the demo's buyers wait: %s", error)
                await asyncio.sleep(10 * _TICK)
            await asyncio.sleep(_TICK)

    async def step(self) -> None:
        """Do what is due now: let buyers come, speak, hear and leave."""
        now = self._clock.now()
        if self._next_at is None:
            await self._begin(now)
        if self._tidied_at is None or (now - self._tidied_at).total_seconds() >= _TIDIES_EVERY:
            self._tidied_at = now
            await self._tidy(now)
        self._let_come(now)
        for play in list(self._plays):
            try:
                await self._advance(play, now)
            except NotFound:
                play.is_over = True  # its shop or its conversation was deleted
        self._plays = [play for play in self._plays if not play.is_over]

    async def _begin(self, now: datetime) -> None:
        """Take up what an earlier run left open as left by its buyers, and let the first ones come."""
        for shop, buyer in {(script.shop, script.buyer) for script in self._scripts}:
            for each in await self._newest(shop, buyer):
                if each.state != "closed":
                    self._left[shop, each.id] = _Left(buyer, each.last_at or each.opened_at)
        await self._tidy(now)
        for number in range(self._pacing.at_first - len(self._left)):
            # Half of them are there when somebody looks for the first time.
            is_there = number < self._pacing.at_first // 2
            later = 0.0 if is_there else self._chance.uniform(0, self._pacing.first_within)
            self._add(now + timedelta(seconds=later))
        self._next_at = now + timedelta(seconds=self._pacing.first_within)

    async def _newest(self, shop: str, buyer: str) -> list[Conversation]:
        try:
            known = await self._conversations.find_buyer(shop, CHANNEL, buyer)
            return await self._conversations.buyer_conversations(shop, known.id, 1) if known else []
        except NotFound:
            return []  # a demo shop that was deleted

    def _let_come(self, now: datetime) -> None:
        if self._next_at is None or now < self._next_at:
            return
        self._next_at = now + timedelta(seconds=self._chance.uniform(*self._pacing.between))
        if len(self._plays) + len(self._left) < self._pacing.at_once:
            self._add(now)

    def _add(self, at: datetime) -> None:
        here = {(play.script.shop, play.script.buyer) for play in self._plays}
        here |= {(shop, left.buyer) for (shop, _), left in self._left.items()}
        if not any((each.shop, each.buyer) not in here for each in self._waiting):
            self._waiting = self._new_round()
        script = next((each for each in self._waiting if (each.shop, each.buyer) not in here), None)
        if script is not None:
            self._waiting.remove(script)
            self._plays.append(Play(script, at, self._chance))

    def _new_round(self) -> list[Script]:
        """Return all scripts in a new order, the shops taking turns."""
        order = random.Random(self._chance.getrandbits(32))  # noqa: S311 - a play, nothing to guess
        mixed = order.sample(self._scripts, len(self._scripts))
        seen: dict[str, int] = {}
        placed = []
        for script in mixed:
            seen[script.shop] = seen.get(script.shop, 0) + 1
            placed.append((seen[script.shop], script))
        return [script for _, script in sorted(placed, key=lambda each: each[0])]

    async def _advance(self, play: Play, now: datetime) -> None:
        shop = play.script.shop
        if play.conversation:
            for message in await self._conversations.messages_after(shop, play.conversation, play.heard):
                play.heard = message.number
                if message.author in ("agent", "auto"):
                    play.reply(now)
            if now >= play.next_at and await self._is_closed(shop, play.conversation):
                play.is_over = True  # the shop said goodbye
                return
        text = play.say(now)
        if text is not None:
            await self._speak(play, text)
        if play.is_over and play.conversation:
            self._left[shop, play.conversation] = _Left(play.script.buyer, now)

    async def _is_closed(self, shop: str, conversation: str) -> bool:
        return (await self._conversations.get_conversation(shop, conversation)).state == "closed"

    async def _speak(self, play: Play, text: str) -> None:
        self._said += 1
        script = play.script
        buyer = Buyer("", script.nickname, CHANNEL, script.buyer, viewed=script.viewed)
        written = await self._conversing.receive(
            script.shop, buyer, text, key=f"demo-{self._run}-{self._said}"
        )
        if play.conversation != written.conversation.id:
            play.conversation = written.conversation.id
            play.heard = written.message.number

    async def _tidy(self, now: datetime) -> None:
        """Forget conversations that agents closed; close those that lie still since their buyer left, or the queue only grows."""
        for (shop, conversation), left in list(self._left.items()):
            try:
                found = await self._conversations.get_conversation(shop, conversation)
                still_since = max(left.since, found.last_at or left.since)
                if found.state != "closed":
                    if (now - still_since).total_seconds() < self._pacing.left_minutes * 60:
                        continue
                    await self._conversing.close(shop, conversation, "", take_over=True)
            except NotFound:
                pass  # the shop or the buyer was deleted meanwhile
            self._left.pop((shop, conversation), None)
