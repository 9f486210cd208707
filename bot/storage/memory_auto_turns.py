"""Buyers' turns that software takes, in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.auto_lines import decided_line, hand_over_line
from bot.domain.auto_rating import is_rated
from bot.domain.auto_reply import Deed
from bot.domain.auto_turn import AutoMessage, Decided, Finished, HandOver, SendState
from bot.domain.conversation import Conversation
from bot.ports import Conflict, NotFound, Rule
from bot.ports.auto_turns import Stopped, TurnRead
from bot.storage.auto_dues import CLAIM, TURNED_BACK
from bot.storage.auto_sends import LONGEST_BACK_OFF
from bot.storage.auto_turns import DECISIONS_READ
from bot.storage.memory_auto_state import AutoDue, Place
from bot.storage.memory_conversations import MemoryConversations


class MemoryAutoTurns:
    """The AutoTurnStore of bot.ports.auto_turns, over conversations in memory."""

    def __init__(self, conversations: MemoryConversations) -> None:
        self._conversations = conversations
        self._state = conversations.auto
        self._stopped = Stopped()

    async def turns_due(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        far = at + TURNED_BACK
        due = [
            (each.at, place)
            for place, each in self._state.dues.items()
            if (each.at <= at or each.at > far) and each.is_free(at) and self._conversations.knows(place[0])
        ]
        claimed = [] if self._stopped.is_stopped else [place for _, place in sorted(due)[:limit]]
        for place in claimed:
            self._state.dues[place].claimed = at + CLAIM
        return claimed

    async def read_turn(self, shop: str, conversation: str, limit: int) -> TurnRead:
        found, messages = await self._conversations.read_thread(shop, conversation, limit)
        waiting = [self._state.sends[place] for place in self._state.waiting(shop, conversation)]
        return TurnRead(
            found,
            messages,
            await self.list_decisions(shop, conversation, DECISIONS_READ),
            waiting,
            self._state.dialogues.get((shop, conversation), ()),
        )

    async def finish_turn(self, shop: str, conversation: str, finished: Finished, rule: Rule) -> Conversation:
        here, decided = (shop, conversation), finished.decided
        await self._conversations.get_conversation(shop, conversation)
        decisions = self._state.decisions.setdefault(here, [])
        if any(each.id == decided.id for each in decisions):
            raise Conflict("the turn was finished before")
        if any((shop, message.key) in self._state.sends for message in finished.messages):
            raise Conflict("it exists already")
        after = await self._conversations.change_conversation(shop, conversation, rule)
        self._state.dues.pop(here, None)
        decisions.append(decided)
        if is_rated(decided):
            self._state.put_rating_due(here, decided.at)
        for message in sorted(finished.messages, key=lambda each: each.position):
            self._state.sends[shop, message.key] = replace(
                message, conversation=conversation, state=SendState.WAITING, error=""
            )
            self._state.send_dues[shop, message.key] = AutoDue(message.due_at, message.due_at)
        if finished.events is not None:
            self._state.dialogues[here] = finished.events
        self._conversations.tell(shop, conversation, "decided", decided_line(decided))
        if finished.hand_over is not None:
            self._state.hand_overs.setdefault(here, []).append(finished.hand_over)
            self._conversations.tell(shop, conversation, "hand_over", hand_over_line(finished.hand_over))
        return after

    async def put_off_turn(self, shop: str, conversation: str, at: datetime) -> None:
        due = self._claimed(shop, conversation)
        if due is not None:
            due.at, due.claimed = at, None

    async def drop_turn(self, shop: str, conversation: str) -> None:
        if self._claimed(shop, conversation) is not None:
            del self._state.dues[shop, conversation]

    def _claimed(self, shop: str, conversation: str) -> AutoDue | None:
        due = self._state.dues.get((shop, conversation))
        return due if due is not None and due.claimed is not None else None

    async def sends_due(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        heads: dict[Place, Place] = {}
        for place in self._state.send_dues:
            if self._conversations.knows(place[0]):
                heads.setdefault((place[0], self._state.sends[place].conversation), place)
        due = [place for place in heads.values() if self._is_due(place, at)]
        due.sort(key=lambda place: self._state.send_dues[place].at)
        claimed = [] if self._stopped.is_stopped else due[:limit]
        for place in claimed:
            self._state.send_dues[place].claimed = at + CLAIM
            send = self._state.sends[place]
            self._state.sends[place] = replace(send, attempts=send.attempts + 1)
        return claimed

    def _is_due(self, place: Place, at: datetime) -> bool:
        due = self._state.send_dues[place]
        back = LONGEST_BACK_OFF if self._state.sends[place].attempts else TURNED_BACK
        return (due.at <= at or due.at > at + back) and due.is_free(at)

    async def get_send(self, shop: str, key: str) -> AutoMessage:
        if (shop, key) not in self._state.sends:
            raise NotFound("there is no such automatic message in this shop")
        return self._state.sends[shop, key]

    async def settle_send(self, shop: str, key: str, state: SendState, at: datetime, error: str = "") -> None:
        send, place = await self.get_send(shop, key), (shop, key)
        if send.state is not SendState.WAITING:
            return
        if state is not SendState.WAITING:
            self._state.settle(place, state, error)
            return
        self._state.sends[place] = replace(send, due_at=at, error=error)
        due = self._state.send_dues[place]
        due.at, due.claimed = at, None

    async def drop_sends(self, shop: str, conversation: str, why: str) -> int:
        waiting = self._state.waiting(shop, conversation)
        for place in waiting:
            self._state.settle(place, SendState.DROPPED, why)
        return len(waiting)

    async def list_sends(self, shop: str, states: Sequence[SendState], limit: int) -> list[AutoMessage]:
        found = [send for place, send in self._state.sends.items() if place[0] == shop]
        found = [send for send in found if send.state in states]
        return sorted(found, key=lambda send: (send.due_at, send.key), reverse=True)[:limit]

    async def list_decisions(self, shop: str, conversation: str, limit: int) -> list[Decided]:
        await self._conversations.get_conversation(shop, conversation)
        found = self._state.decisions.get((shop, conversation), [])
        return sorted(found, key=lambda each: (each.at, each.id))[max(len(found) - limit, 0) :]

    async def list_hand_overs(self, shop: str, conversation: str, limit: int) -> list[HandOver]:
        await self._conversations.get_conversation(shop, conversation)
        found = self._state.hand_overs.get((shop, conversation), [])
        return sorted(found, key=lambda each: (each.at, each.id), reverse=True)[:limit]

    async def take_hand_overs(self, shop: str, conversation: str, account: str, at: datetime) -> None:
        found = self._state.hand_overs.get((shop, conversation), [])
        for place, each in enumerate(found):
            if each.taken_at is None:
                found[place] = replace(each, taken_at=at, taken_by=account)
                self._conversations.tell(shop, conversation, "hand_over", hand_over_line(found[place]))

    async def count_turns(self, shop: str, buyer: str, since: datetime, until: datetime) -> tuple[int, int]:
        spoken = [
            place[1]
            for place, decisions in self._state.decisions.items()
            for each in decisions
            if place[0] == shop and since < each.at <= until and each.deed in (Deed.REPLY, Deed.ASK_BACK)
        ]
        buyers = [
            (await self._conversations.get_conversation(shop, conversation)).buyer.id
            for conversation in spoken
        ]
        return len(spoken), buyers.count(buyer)

    async def get_stop(self) -> Stopped:
        return self._stopped

    async def put_stop(self, stopped: Stopped) -> None:
        self._stopped = stopped
