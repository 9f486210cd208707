"""Keeping a sent reply as an entry: a draft for the shop's owner, with the buyer's words as its question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.account import Caller, Right
from bot.domain.conversation import Message
from bot.domain.entry import MAX_PHRASING, MAX_REPLY, Entry
from bot.domain.guard import GuardResult, Verdict
from bot.domain.intents import SILENT_INTENTS
from bot.domain.masking import mask_text
from bot.domain.text import UnreadableMessage
from bot.ports import (
    ClassifierUnavailable,
    Clock,
    Conflict,
    ConversationStore,
    Event,
    IntentClassifier,
    NotFound,
)
from bot.services.classifying import classify_message
from bot.services.context import language_of
from bot.services.documents import EntryDocument
from bot.services.entries import EntryEditor
from bot.services.guarding import Guard
from bot.services.recording import EventRecorder

PROPOSED: Final = "entry_proposed"
_LOOKED_THROUGH: Final = 60
_SURE_OF_INTENT: Final = 0.4
"""Below this the guess is right less often than not: the owner chooses from the group."""
_STOPS: Final = tuple("。，！？!?,.;；~～…")


class Unkeepable(ValueError):
    """The message cannot become an entry; the text says why, in Chinese and English."""


class ForeignReply(Exception):
    """The reply holds what belongs to another shop. `result` has the guard's findings of that kind."""

    def __init__(self, result: GuardResult) -> None:
        super().__init__("这条回复含有别家店铺的内容，不能存为问答。 The reply holds another shop's facts.")
        self.result = result


@dataclass(frozen=True, slots=True)
class Proposal:
    """The draft. `is_new` is False when the message had been kept before."""

    entry: Entry
    is_new: bool


class Proposing:
    """Makes drafts of what agents said."""

    def __init__(
        self,
        store: ConversationStore,
        editor: EntryEditor,
        classifier: IntentClassifier,
        guard: Guard,
        recorder: EventRecorder,
        clock: Clock,
    ) -> None:
        self._store = store
        self._editor = editor
        self._classifier = classifier
        self._guard = guard
        self._recorder = recorder
        self._clock = clock

    async def keep(self, caller: Caller, shop: str, conversation: str, number: int) -> Proposal:
        """Write the agent's message of that number as a draft, once. Numbers that name a person are masked.

        Raises NotFound, Unkeepable, ForeignReply, InvalidEntries.
        """
        messages = await self._store.list_messages(shop, conversation, _LOOKED_THROUGH, number + 1)
        if not messages or messages[-1].number != number:
            raise NotFound("there is no such message in this conversation")
        entry_id = f"kept-{conversation}-{number}"
        try:
            return Proposal(await self._editor.get_entry(shop, entry_id), is_new=False)
        except NotFound:
            pass
        document = await self._document(caller, shop, entry_id, messages)
        try:
            entry = await self._editor.signing(caller.account.id).create_entry(shop, document)
        except Conflict:  # kept by two at once
            return Proposal(await self._editor.get_entry(shop, entry_id), is_new=False)
        data = {"entry": entry.id, "number": number, "by": caller.account.id}
        self._recorder.record(shop, Event(PROPOSED, self._clock.now(), conversation, data))
        return Proposal(entry, is_new=True)

    async def _document(
        self, caller: Caller, shop: str, entry_id: str, messages: Sequence[Message]
    ) -> EntryDocument:
        reply = messages[-1]
        if reply.author != "agent" or not reply.text.strip():
            raise Unkeepable("只有客服发出的文字可以存为问答。 Only what an agent wrote can be kept.")
        asked = bubbles_answered(messages)
        if not asked:
            raise Unkeepable("找不到它回答的买家问题。 No question of the buyer stands before it.")
        await self._require_own(caller, shop, reply.text, asked)
        policy = await self._store.get_policy(shop)
        text = mask_text(reply.text.strip(), policy.contacts).replace("{", "{{").replace("}", "}}")
        if len(text) > MAX_REPLY:
            raise Unkeepable(f"回复最多 {MAX_REPLY} 字。 A reply has at most {MAX_REPLY} characters.")
        question = mask_text(joined(asked), policy.contacts)
        group, intent = await self._guess(question)
        return EntryDocument(
            id=entry_id,
            group=group,
            intent=intent,
            question=question,
            reply=text,
            language=language_of(question, ()),
            status="draft",
        )

    async def _require_own(self, caller: Caller, shop: str, text: str, heard: Sequence[str]) -> None:
        may_name = caller.shops_with(Right.READ, self._clock.now())
        result = await self._guard.check(shop, text, may_name=may_name, heard=heard)
        foreign = tuple(finding for finding in result.findings if finding.kind.is_foreign)
        if foreign:
            raise ForeignReply(GuardResult(Verdict.BLOCK, foreign, result.is_ready))

    async def _guess(self, question: str) -> tuple[str, str | None]:
        """Return group and intent as the classifier reads the question; without it the owner chooses."""
        try:
            understood = await classify_message(self._classifier, question)
        except (ClassifierUnavailable, UnreadableMessage):
            return "other", None
        for score in understood.intents:
            if score.intent not in SILENT_INTENTS:
                return score.group, score.intent if score.confidence >= _SURE_OF_INTENT else None
        return "other", None


def bubbles_answered(messages: Sequence[Message]) -> list[str]:
    """Return the texts of the buyer's bubbles that the last message answers, oldest first.

    These are what it quotes, or what the buyer said since an agent last spoke; several replies in a row answer the same.
    """
    *before, reply = messages
    quoted = [m.text.strip() for m in before if m.number == reply.quotes and m.author == "buyer"]
    if quoted and quoted[0]:
        return quoted
    found: list[str] = []
    for message in reversed(before):
        if message.author == "buyer":
            if message.text.strip():
                found.insert(0, message.text.strip())
        elif message.author == "agent" and found:
            break
    return found


def joined(bubbles: Sequence[str]) -> str:
    """Return the bubbles as one phrasing; of more than fits, the newest."""
    text = ""
    for bubble in reversed(bubbles):
        line = " ".join(bubble.split())
        longer = f"{line}{'' if line.endswith(_STOPS) or not text else '，'}{text}"
        if text and len(longer) > MAX_PHRASING:
            break
        text = longer
    return text[:MAX_PHRASING]
