"""How often a dry run of automatic replies is right, and how long a thousand questions take it.

    python -m benchmarks.auto_reply [--embedder MODEL] [--without-rasa]

Every conversation of the demo shops is asked as a buyer of its own, with every group automatic, at each precision that an
owner may choose. Nothing is tuned to them. Without Rasa nothing goes out alone, and only the time is told.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from benchmarks.demo_conversations import Conversation, Reply, is_right, read_conversations
from benchmarks.demo_questions import open_demo
from benchmarks.quality_parts import open_parts
from bot.bootstrap.engine import Engine
from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.conversation import Buyer, Turn
from bot.domain.intents import GROUPS
from bot.ports import NewMessage, Unavailable
from bot.services.auto_reply_figures import SPOKEN
from bot.settings import PROJECT_ROOT

_MESSAGES: Final = PROJECT_ROOT / "tests" / "data" / "buyer_messages.tsv"
_MINUTE: Final = timedelta(minutes=1)


async def _say(engine: Engine, shop: str, number: int, turns: Sequence[Turn], viewed: str = "") -> str:
    """Write a conversation, a minute from bubble to bubble; return its id."""
    store, at = engine.parts.conversations, engine.parts.clock.now()
    buyer = Buyer("", "", "web", f"b-{number}", viewed=viewed)
    opened = await store.open_conversation(shop, buyer, at)
    for place, turn in enumerate(turns):
        said = NewMessage(turn.role, turn.text, at - _MINUTE * (len(turns) - place), f"{number}-{place}")
        await store.write_message(shop, opened.id, said, lambda _: {})
    return opened.id


def _every_group(precision: float) -> AutoReplyPolicy:
    return AutoReplyPolicy(groups={group: GroupRule(Mode.AUTOMATIC, precision) for group in GROUPS})


async def _judge(engine: Engine, conversations: Sequence[Conversation]) -> list[str]:
    """Return a line for each precision: how many would be answered, how many of these rightly, and how many were expected to."""
    asked: dict[tuple[str, str], Conversation] = {}
    for number, each in enumerate(conversations):
        turns = [*each.turns, Turn("buyer", each.text)]
        asked[each.shop, await _say(engine, each.shop, number, turns, each.viewed)] = each
    lines = []
    for precision in TARGET_PRECISIONS:
        sent = right = 0
        expected = 0.0
        for shop in sorted({each.shop for each in conversations}):
            run = await engine.auto_reply.trials.try_policy(shop, _every_group(precision))
            last = {tried.ask.conversation: tried for tried in run.tried}
            for (of, conversation), meant in asked.items():
                if of != shop or last[conversation].decision.deed not in SPOKEN:
                    continue
                suggestion = last[conversation].found.suggestion
                assert suggestion is not None
                reply = Reply(tuple(part.entry for part in suggestion.parts), suggestion.confidence, True)
                sent += 1
                right += is_right(meant, reply)
                expected += suggestion.confidence
        share = f"{right / sent:.1%} of them right, {expected / sent:.1%} expected" if sent else "none judged"
        lines.append(f"asked to be right {precision:.0%}: {sent / len(asked):.1%} answered, {share}")
    return lines


async def _time(engine: Engine, shop: str) -> str:
    """Return how long the newest thousand questions of a shop take, the first time and again."""
    with _MESSAGES.open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file, delimiter="\t")]
    for number, text in enumerate(texts):
        await _say(engine, shop, 100_000 + number, [Turn("buyer", text)])
    took = []
    for _ in range(2):
        start = time.perf_counter()
        run = await engine.auto_reply.trials.try_policy(shop, _every_group(0.95))
        took.append(time.perf_counter() - start)
    return f"{len(run.tried)} questions tried in {took[0]:.1f} s, again in {took[1]:.1f} s"


async def _run(model: str, with_rasa: bool) -> list[str]:
    conversations = read_conversations()
    async with open_parts(model, with_rasa, lambda text: print(text, file=sys.stderr)) as parts:
        engine = await open_demo(conversations, parts.embedder, parts.classifier)
        lines = await _judge(engine, conversations) if parts.classifier is not None else []
        lines.append(await _time(engine, conversations[0].shop))
        engine.live_shops.close()
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--embedder", default="bundled", help="as in KUAIHUI_EMBEDDER")
    parser.add_argument("--without-rasa", action="store_true", help="tell the time alone")
    given = parser.parse_args()
    try:
        print("\n".join(asyncio.run(_run(given.embedder, not given.without_rasa))))
    except Unavailable as error_found:
        raise SystemExit(str(error_found)) from error_found


if __name__ == "__main__":
    main()
