"""What plays conversations: its receiver checks signatures, its buyers answer what they are asked, broken packs are refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from benchmarks import played_buyers
from benchmarks.played_buyers import Buyer
from benchmarks.played_channel import Inbox, OpenChannel, Receiver, Said, signature
from benchmarks.played_packs import Answer, PlayedConversation, Turn
from benchmarks.played_system import TurnDecided, channels_needed
from bot.settings import PROJECT_ROOT

CHANNEL = OpenChannel("tea", "play-1", "http://127.0.0.1:1/", "s3cret")
ASKED = (Answer(("核对", "对吗"), ("对",)), Answer(("抬头",), ("样例公司",)))


def message(number: int, text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"c1-{number}",
        "shop": "tea",
        "conversation": "c1",
        "automatic": True,
        "text": text,
    }


async def test_the_receiver_takes_what_is_signed_once_and_refuses_the_rest() -> None:
    async with Receiver().open() as receiver, aiohttp.ClientSession() as http:
        receiver.secrets["tea", "play-1"] = CHANNEL.secret
        body = json.dumps(message(2, "有货的")).encode()

        async def post(secret: str) -> int:
            headers = {"X-Kuaihui-Timestamp": "1", "X-Kuaihui-Signature": signature(secret, "1", body)}
            async with http.post(f"{receiver.address}/tea/play-1", data=body, headers=headers) as answer:
                return answer.status

        assert [await post(CHANNEL.secret), await post(CHANNEL.secret), await post("other")] == [
            200,
            200,
            401,
        ]
        assert receiver.inbox.bubbles["tea", "c1"] == ["有货的"]
        assert receiver.inbox.refused == 1


class Shop:
    """A system that says the next of its lines after each bubble; an empty one is a hand-over."""

    http: Any = None

    def __init__(self, inbox: Inbox, *lines: str) -> None:
        self.inbox, self.lines, self.heard = inbox, list(lines), list[str]()

    async def say(self, _http: Any, _channel: OpenChannel, _key: str, _buyer: Any, text: str | None) -> Said:
        self.heard.append(text or "image")
        return Said("c1", len(self.heard))

    async def decided(self, shop: str, conversation: str, number: int) -> TurnDecided:
        line = self.lines.pop(0)
        self.inbox.bubbles[shop, conversation] += [line] if line else []
        return TurnDecided("reply" if line else "hand_over", ("sure",), 0)

    async def spoken(self, *_: object) -> list[str]:
        return []


async def played(
    monkeypatch: pytest.MonkeyPatch, lines: list[str], *turns: Turn
) -> tuple[Shop, played_buyers.Seen]:
    for name in ("_BETWEEN_BUBBLES", "_FIRST_LOOK", "_LOOK_AGAIN", "_QUIET_SECONDS"):
        monkeypatch.setattr(played_buyers, name, 0.0)
    inbox = Inbox()
    shop = Shop(inbox, *lines)
    monkeypatch.setattr(played_buyers, "say", shop.say)
    conversation = PlayedConversation("tea", "one", "any", "", "", turns)
    system: Any = shop
    return shop, await Buyer(system, inbox, CHANNEL, conversation, "run").play()


async def test_a_buyer_answers_what_he_is_asked_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = Turn(("开发票",), frozenset({"reply"}), answers=ASKED)
    shop, seen = await played(monkeypatch, ["抬头写什么？", "样例公司，对吗？", "登记好了，对吗"], turn)
    assert shop.heard == ["开发票", "样例公司", "对"]
    assert seen.turns[0].bubbles == ("抬头写什么？", "样例公司，对吗？", "登记好了，对吗")
    assert seen.turns[0].said == ("开发票", "样例公司", "对")


async def test_nothing_is_decided_any_more_after_a_hand_over(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = Turn(("人工",), frozenset({"hand_over"}))
    _, seen = await played(monkeypatch, [""], turn, Turn(("在吗", "[image]"), frozenset({"silent"})))
    assert [each.deed for each in seen.turns] == ["hand_over", "silent"]


def test_a_buyers_conversations_get_a_channel_each_and_guests_share_one() -> None:
    assert channels_needed(["", "", ""]) == 1
    assert channels_needed(["a", "b", "a", ""]) == 2


def test_a_broken_pack_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    pack = tmp_path / "mine.yml"
    pack.write_text("shop: tea\nconversations: [{id: one, outcome: finished}]\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.playing", str(pack)], cwd=PROJECT_ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "mine.yml: conversation one: turns: Field required" in run.stderr
