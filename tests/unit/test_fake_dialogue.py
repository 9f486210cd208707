"""The dialogue without Rasa keeps the same contract as the real one."""

from __future__ import annotations

import pytest

from bot.nlu.fake_dialogue import ScriptedDialogue
from bot.ports.dialogue import DialogueTurn, DialogueUnavailable
from tests.contract.dialogue_contract import DialogueContract


class TestScriptedDialogue(DialogueContract):
    @pytest.fixture
    def dialogue(self) -> ScriptedDialogue:
        return ScriptedDialogue()


async def test_a_scripted_turn_goes_before() -> None:
    dialogue = ScriptedDialogue({"在吗": DialogueTurn(active="greeting_form")})
    assert (await dialogue.take_turn("life", "c1", "在吗", ())).active == "greeting_form"
    assert dialogue.asked == [("life", "c1", "在吗")]


async def test_one_that_is_down_says_so() -> None:
    dialogue = ScriptedDialogue()
    await dialogue.close()
    assert dialogue.state == "down"
    with pytest.raises(DialogueUnavailable):
        await dialogue.take_turn("life", "c1", "在吗", ())
