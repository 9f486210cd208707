"""`python -m benchmarks.dialogue_turns [--rate 10] [--seconds 20]`: how long a dialogue turn takes, Rasa's actions included.

Buyers of a demo shop, held in memory, hold the dialogue about stock side by side; one turn is the request to Rasa's channel
until its answer. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from benchmarks.demo_questions import parts_in_memory
from bot.bootstrap.dialogues import actions_url, open_action_listener, serve_actions
from bot.bootstrap.engine import Engine, MissingClassifier
from bot.domain.conversation import Buyer
from bot.nlu.dialogue import RasaDialogue
from bot.nlu.process import RasaProcess
from bot.nlu.training import train
from bot.retrieval.fake_embedder import FakeEmbedder
from bot.retrieval.index import FaissEntryIndexes
from bot.services.packs import load_pack
from bot.services.shop_loading import load_shop
from bot.settings import PROJECT_ROOT, Settings, load_settings

_SHOP: Final = "yunduo-life"
_TEXTS: Final = ("有货吗", "短袖", "黑色L码", "白色呢")


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[tuple[Engine, RasaDialogue]]:
    engine = Engine(parts_in_memory(FakeEmbedder(), MissingClassifier(), FaissEntryIndexes()))
    path = PROJECT_ROOT / "templates" / "demo" / f"{_SHOP}.yml"
    pack = load_pack(path.read_bytes(), path.name, engine.parts.clock.now(), is_demo=True)
    await load_shop(engine.parts.shops, engine.parts.entries, engine.parts.facts, pack)
    python = settings.resolved_rasa_python
    model = await asyncio.to_thread(train, settings.resolved_data_dir, PROJECT_ROOT, python, print)
    with tempfile.TemporaryDirectory() as folder, open_action_listener(settings) as listener:
        rasa = RasaProcess(Path(folder), PROJECT_ROOT, python, model=model, actions_url=actions_url(listener))
        await rasa.start()
        try:
            while rasa.state != "running":  # noqa: ASYNC110 - another process has no event to wait for
                await asyncio.sleep(0.05)
            dialogue = RasaDialogue(rasa.url, rasa.secret, lambda: "ready")
            await dialogue.start()
            async with serve_actions(engine, rasa.secret, listener):
                yield engine, dialogue
            await dialogue.close()
        finally:
            await rasa.stop()
            engine.live_shops.close()


async def _talk(engine: Engine, dialogue: RasaDialogue, number: int, pause: float) -> list[float]:
    """Hold one conversation; return what each of its turns took."""
    buyer, took = Buyer(f"buyer-{number}", "买家", "web_chat", f"buyer-{number}"), []
    past: tuple[dict[str, object], ...] = ()
    for n, text in enumerate(_TEXTS):
        heard = await engine.workspace.conversing.receive(_SHOP, buyer, text, key=f"{number}-{n}")
        start = time.perf_counter()
        turn = await dialogue.take_turn(_SHOP, heard.conversation.id, text, past)
        took.append(time.perf_counter() - start)
        past = turn.events
        await asyncio.sleep(pause)
    return took


async def _measure(rate: float, seconds: float) -> dict[str, float]:
    async with _open(load_settings()) as (engine, dialogue):
        await _talk(engine, dialogue, 0, 0.0)
        talks = []
        for number in range(1, round(rate * seconds / len(_TEXTS)) + 1):
            talks.append(asyncio.create_task(_talk(engine, dialogue, number, 1.0)))
            await asyncio.sleep(len(_TEXTS) / rate)
        took = [each * 1000 for talk in await asyncio.gather(*talks) for each in talk]
    return {
        "turns": len(took),
        "median_ms": round(median(took), 1),
        "p95_ms": round(quantiles(took, n=20)[-1], 1),
        "max_ms": round(max(took), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=10.0, help="turns a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    sys.stdout.write(json.dumps(asyncio.run(_measure(arguments.rate, arguments.seconds))) + "\n")


if __name__ == "__main__":
    main()
