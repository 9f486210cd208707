"""What only a person may settle, as the trained model reads it over real Rasa."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.mood import asks_for_person, is_upset
from bot.domain.only_person import needs_person
from bot.domain.thresholds import ONLY_PERSON
from bot.nlu.client import RasaClassifier
from bot.nlu.process import RasaProcess
from tests.integration.rasa_models import RASA_PYTHON, ROOT, project_model

LABELLED = Path(__file__).resolve().parents[1] / "data" / "only_person.tsv"
PATIENCE = 120.0


@pytest.fixture(scope="module")
async def classifier(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RasaClassifier]:
    model = await asyncio.to_thread(project_model)
    process = RasaProcess(tmp_path_factory.mktemp("rasa"), ROOT, RASA_PYTHON, model=model, first_pause=0.05)
    await process.start()
    async with asyncio.timeout(PATIENCE):
        while process.state != "running":  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.02)
    made = RasaClassifier(process.url, process.token, 5.0, starting=process.is_starting, probe_seconds=0.05)
    await made.start()
    async with asyncio.timeout(PATIENCE):
        while made.state != "ready":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    yield made
    await made.close()
    await process.stop()


def _labelled(label: str) -> list[str]:
    lines = LABELLED.read_text(encoding="utf-8").splitlines()
    return [line.partition("\t")[2] for line in lines if line.startswith(f"{label}\t")]


async def _heard(classifier: RasaClassifier, text: str) -> bool:
    found = await classifier.classify(text)
    called = asks_for_person(text, found.intents) or is_upset(text, found.intents)
    return called or needs_person(text, found.only_person)


async def test_most_of_what_a_person_is_due_for_is_heard(classifier: RasaClassifier) -> None:
    due = _labelled("person")
    missed = [text for text in due if not await _heard(classifier, text)]
    assert len(missed) <= 0.1 * len(due), missed


async def test_few_questions_are_taken_for_a_persons(classifier: RasaClassifier) -> None:
    asked = _labelled("shop")
    taken = [text for text in asked if await _heard(classifier, text)]
    assert len(taken) <= 0.06 * len(asked), taken


@pytest.mark.parametrize(
    "text", ["在吗", "黑色L码还有货吗", "订单号 202611230087741", "😀😀😀", "长" * 2_000_000]
)
async def test_what_tells_of_nothing_due_is_left_to_the_shop(classifier: RasaClassifier, text: str) -> None:
    found = (await classifier.classify(text)).only_person
    assert found is not None
    assert found < ONLY_PERSON
