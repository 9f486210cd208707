"""The demo shops are asked through the whole suggester, and through one from which parts were taken."""

from __future__ import annotations

from benchmarks.demo_conversations import read_conversations
from benchmarks.demo_questions import measure_demo
from benchmarks.demo_report import WHOLE, WITHOUT_RASA, WITHOUT_SCOPE, WITHOUT_TURNS, demo_section
from benchmarks.quality_page import Gallery
from bot.nlu.fake import KeywordClassifier
from bot.retrieval.fake_embedder import FakeEmbedder


async def test_every_way_of_answering_meets_every_conversation() -> None:
    conversations = read_conversations()[::40]
    found = await measure_demo(conversations, FakeEmbedder(), KeywordClassifier())
    assert {WHOLE, WITHOUT_RASA, WITHOUT_SCOPE, WITHOUT_TURNS} < found.keys()
    assert {len(outcomes) for outcomes in found.values()} == {len(conversations)}
    assert any(outcome.replies for outcome in found[WHOLE])
    section = demo_section(found, Gallery())
    assert [target.measured_on for target in section.targets[:2]] == ["three demo shops", "yunduo-life"]


async def test_without_a_classifier_only_what_needs_none_is_measured() -> None:
    found = await measure_demo(read_conversations()[:3], FakeEmbedder(), None)
    assert WITHOUT_RASA in found
    assert not {WHOLE, WITHOUT_SCOPE, WITHOUT_TURNS} & found.keys()
    assert not any(outcome.is_automatic for outcome in found[WITHOUT_RASA])
    targets = {target.figure: target.is_met for target in demo_section(found, Gallery()).targets}
    assert targets["wrong reply above the automatic threshold"] is None
