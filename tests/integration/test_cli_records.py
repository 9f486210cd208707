"""kuaihui figures and kuaihui buyer over the real database."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.bootstrap.databases import open_database, open_stores
from bot.domain.conversation import Buyer
from bot.ports import Event, NewMessage
from bot.settings import Settings
from tests.integration.installations import LIFE, SELECT, Installation

WORDS = "我的电话13812345678"


@pytest.fixture(scope="module")
def buyer(still: Installation) -> tuple[str, str]:
    """A buyer of one shop with a conversation, and the conversation."""

    async def make() -> tuple[str, str]:
        settings = Settings.model_validate({"data_dir": still.data_dir})
        async with open_database(settings) as (_, app), open_stores(app) as stores:
            visitor, at = Buyer("", "买家甲", "web", "x-1"), stores.clock.now()
            opened = await stores.conversations.open_conversation(LIFE, visitor, at)
            message = NewMessage("buyer", WORDS, at, "k1")
            await stores.conversations.write_message(LIFE, opened.id, message, lambda _: {"last_text": WORDS})
            shown = {
                "silent": False,
                "suggestions": [{"id": "m-1", "text": WORDS, "entries": [["e", 1, 0.5]]}],
            }
            taken = {"suggestion": "m-1", "place": 0, "kept": 1.0, "reason": "", "offers": [[["e", 1, 0.5]]]}
            events = [Event("suggestion_shown", at, opened.id, shown, "m")]
            await stores.events.append(LIFE, [*events, Event("suggestion_taken", at, opened.id, taken, "m")])
            return opened.buyer.id, opened.id

    return asyncio.run(make())


def test_figures_are_printed_for_one_shop(still: Installation, buyer: tuple[str, str]) -> None:
    found = json.loads(still.call("figures", "--shop", LIFE, "--json").out)
    assert (found["shop"], found["suggestions"]["taken"]) == (LIFE, 1)
    assert found["entries"][0]["id"] == "e"
    assert json.loads(still.call("figures", "--shop", SELECT, "--json").out)["suggestions"]["taken"] == 0
    assert "taken 1" in still.call("figures", "--shop", LIFE).out
    still.call("figures", "--shop", "nowhere").refused("nowhere")


def test_a_buyer_is_exported_and_erased_in_the_own_shop_alone(
    still: Installation, buyer: tuple[str, str]
) -> None:
    of_buyer = ("--buyer", buyer[0])
    for command in (("buyer", "export"), ("buyer", "erase", "--yes")):
        still.call(*command, "--shop", SELECT, *of_buyer).refused("no such buyer")
    data = json.loads(still.call("buyer", "export", "--shop", LIFE, *of_buyer).out)
    assert data["conversations"][0]["messages"][0]["text"] == WORDS
    still.call("buyer", "erase", "--shop", LIFE, *of_buyer, stdin=b"n\n")
    assert WORDS in still.call("buyer", "export", "--shop", LIFE, *of_buyer).out
    assert still.call("buyer", "erase", "--yes", "--shop", LIFE, *of_buyer).status == 0
    left = still.call("buyer", "export", "--shop", LIFE, *of_buyer)
    assert WORDS not in left.out
    assert json.loads(left.out)["conversations"][0]["state"] == "closed"
    assert json.loads(still.call("figures", "--shop", LIFE, "--json").out)["suggestions"]["taken"] == 1
