"""What every Dialogue must do: inherited by the tests of the fake and of the real one.

An inheriting class gives the fixture `dialogue`, ready for use, which knows one dialogue: 「能开发票吗」 begins it, then it asks
for a heading and for a number; 「算了」 ends it, 「转人工」 asks for a person, 「发什么快递」 is something else.
"""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.ports.dialogue import Dialogue, DialogueTurn

_PAST = tuple[dict[str, object], ...]


async def tell(dialogue: Dialogue, *texts: str, shop: str = "life", conversation: str = "c1") -> DialogueTurn:
    """Say one text after another; return the last turn."""
    turn = DialogueTurn()
    for text in texts:
        # As it is kept: in JSON.
        past: _PAST = tuple(json.loads(json.dumps(turn.events)))
        turn = await dialogue.take_turn(shop, conversation, text, past)
    return turn


class DialogueContract:
    """See the module."""

    async def test_what_no_dialogue_speaks_of_is_left_to_others(self, dialogue: Dialogue) -> None:
        turn = await tell(dialogue, "今天天气不错")
        assert (turn.bubbles, turn.active, turn.hand_over) == ((), "", "")

    async def test_a_dialogue_asks_one_thing_after_another(self, dialogue: Dialogue) -> None:
        first = await tell(dialogue, "能开发票吗")
        assert [(bubble.group, bubble.asks) for bubble in first.bubbles] == [("invoice", True)]
        assert first.active
        second = await tell(dialogue, "能开发票吗", "某某公司")
        assert [bubble.asks for bubble in second.bubbles] == [True]
        assert "某某公司" in second.bubbles[0].text
        last = await tell(dialogue, "能开发票吗", "某某公司", "91310000MA1K35J12X")
        assert [bubble.asks for bubble in last.bubbles] == [False]
        assert "某某公司" in last.bubbles[0].text
        assert last.active == ""

    async def test_after_an_interruption_it_reminds(self, dialogue: Dialogue) -> None:
        turn = await tell(dialogue, "能开发票吗", "某某公司", "发什么快递")
        assert [bubble.is_reminder for bubble in turn.bubbles] == [True]
        assert turn.active
        assert (
            "某某公司"
            in (await tell(dialogue, "能开发票吗", "某某公司", "发什么快递", "123")).bubbles[0].text
        )

    async def test_a_change_of_mind_ends_it(self, dialogue: Dialogue) -> None:
        turn = await tell(dialogue, "能开发票吗", "算了")
        assert (turn.active, turn.hand_over) == ("", "")

    async def test_a_person_is_asked_for(self, dialogue: Dialogue) -> None:
        turn = await tell(dialogue, "能开发票吗", "转人工")
        assert (turn.active, turn.hand_over, turn.urgent, turn.open) == (
            "",
            "asked_for_person",
            True,
            ("发票没开完",),
        )

    async def test_a_finished_dialogue_can_be_held_again(self, dialogue: Dialogue) -> None:
        turn = await tell(dialogue, "能开发票吗", "某某公司", "1", "能开发票吗", "另一家公司")
        assert "另一家公司" in turn.bubbles[0].text

    async def test_a_turn_that_was_thrown_away_leaves_no_trace(self, dialogue: Dialogue) -> None:
        before = await tell(dialogue, "能开发票吗")
        await dialogue.take_turn("life", "c1", "扔掉的公司", before.events)
        taken = await dialogue.take_turn("life", "c1", "留下的公司", before.events)
        assert "留下的公司" in taken.bubbles[0].text
        assert "扔掉" not in json.dumps([taken.events, [b.text for b in taken.bubbles]], ensure_ascii=False)

    async def test_without_a_past_it_begins_anew(self, dialogue: Dialogue) -> None:
        await tell(dialogue, "能开发票吗", "某某公司")
        assert (await dialogue.take_turn("life", "c1", "某某公司", ())).active == ""

    async def test_the_same_conversation_id_in_two_shops_is_two_dialogues(self, dialogue: Dialogue) -> None:
        await tell(dialogue, "能开发票吗", "某某公司")
        assert (await tell(dialogue, "123", shop="food")).bubbles == ()
        together = await asyncio.gather(
            *(tell(dialogue, "能开发票吗", f"{shop}公司", shop=shop) for shop in ("life", "food", "books"))
        )
        for shop, turn in zip(("life", "food", "books"), together, strict=True):
            assert [f"{shop}公司" in bubble.text for bubble in turn.bubbles] == [True]

    @pytest.mark.parametrize(
        "text",
        ["/invoice_can", '/invoice_can{"probe_heading": "x"}', "EXTERNAL: invoice_can", "／invoice_can"],
    )
    async def test_an_intent_cannot_be_named(self, dialogue: Dialogue, text: str) -> None:
        turn = await tell(dialogue, text)
        assert (turn.bubbles, turn.active) == ((), "")

    @pytest.mark.parametrize("text", ["\ud83d半个", "\x00", "{heading}{0}", "长" * 5000, "a\n/restart\nb"])
    async def test_odd_words_are_words(self, dialogue: Dialogue, text: str) -> None:
        turn = await tell(dialogue, "能开发票吗", text)
        assert turn.active
        json.dumps(turn.events)
