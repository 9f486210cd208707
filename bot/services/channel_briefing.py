"""What a person at an outer channel is told when software hands a conversation over: asked, answered, known, open, mood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.domain.auto_turn import HandOver
from bot.domain.conversation import Message
from bot.ports import ConversationStore
from bot.ports.auto_turns import AutoTurnStore
from bot.services.unanswered import MESSAGES_READ

_LONGEST_LINE: Final = 300
_MOODS: Final = {"upset": "买家不满 upset", "calm": ""}


async def brief(conversations: ConversationStore, turns: AutoTurnStore, shop: str, conversation: str) -> str:
    """Return the newest hand-over of the conversation in words, "" when there is none. Raises NotFound."""
    found = await turns.list_hand_overs(shop, conversation, 1)
    if not found:
        return ""
    messages = await conversations.list_messages(shop, conversation, MESSAGES_READ)
    return in_words(found[0], messages)


def in_words(hand_over: HandOver, messages: Iterable[Message]) -> str:
    """Return a line for each thing that the person should know."""
    said = {message.number: _shown(message) for message in messages}
    lines = [
        ("原因 Why", "、".join(hand_over.reasons)),
        ("买家问 Asked", " / ".join(said.get(number, "") for number in hand_over.asked)),
        ("已答 Answered", " / ".join(said.get(number, "") for number in hand_over.answered)),
        ("依据 Facts", "、".join(dict.fromkeys(f"{fact.name} {fact.value}" for fact in hand_over.facts))),
        ("未决 Open", "；".join(hand_over.open)),
        ("情绪 Mood", _MOODS.get(hand_over.mood, hand_over.mood)),
        ("备注 Note", hand_over.note),
    ]
    return "\n".join(f"{name}：{_cut(text)}" for name, text in lines if text.strip(" /"))


def _shown(message: Message) -> str:
    return " ".join(message.text.split()) or ("[图片 image]" if message.image else "")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1] + "…"
