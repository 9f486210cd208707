"""Evaluation over the real embedder and index, and over a classifier that is told what to say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from benchmarks.faq_sets import read_sets
from bot.domain.intents import INTENT_GROUP, IntentScore, Understanding
from bot.retrieval.embedder import SentenceTransformerEmbedder, resolve_model
from bot.retrieval.evaluation import evaluate_faq, evaluate_intents
from bot.retrieval.evaluation_files import FaqEntry, FaqQuery, LabelledMessage
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.normaliser import OpenccNormaliser

ENTRIES = [
    FaqEntry("stock", ("这款还有货吗", "有没有现货", "库存还有多少")),
    FaqEntry("invoice", ("可以开发票吗", "怎么申请专票", "电子发票发我邮箱")),
    FaqEntry("ship", ("什么时候发货", "今天拍几号能发出", "多久发货")),
    FaqEntry("refund", ("退款什么时候到账", "钱退到哪里", "退款几天能收到")),
]
QUERIES = [
    FaqQuery("亲 還有貨嗎", "stock"),
    FaqQuery("开个发漂", "invoice"),
    FaqQuery("啥时候能发出来", "ship"),
    FaqQuery("520401029636多久能发", "ship"),
    FaqQuery("退的钱还没到账", "refund"),
    FaqQuery("你家狗叫什么名字", None),
]


class _Told:
    """An IntentClassifier that gives each text the intent it was told; nothing for the others."""

    def __init__(self, intents: Mapping[str, str]) -> None:
        self._intents = intents

    @property
    def state(self) -> str:
        return "ready"

    async def classify(self, text: str) -> Understanding:
        intent = self._intents.get(text)
        return Understanding((IntentScore(intent, INTENT_GROUP[intent], 0.9),) if intent else ())

    async def close(self) -> None: ...


@pytest.fixture(scope="module")
async def embedder() -> AsyncIterator[SentenceTransformerEmbedder]:
    bundled = SentenceTransformerEmbedder(resolve_model("bundled"))
    await bundled.warm_up()
    yield bundled
    await bundled.close()


async def test_messy_questions_find_their_entries(embedder: SentenceTransformerEmbedder) -> None:
    report = await evaluate_faq(ENTRIES, QUERIES, embedder, OpenccNormaliser(), FaissEntryIndexes())
    assert report.hit_at_1 == 1.0
    assert (report.entries, report.queries, report.in_scope) == (4, 6, 5)
    stranger = report.results[-1]
    assert stranger.expected is None
    assert stranger.confidence == min(result.confidence for result in report.results)


async def test_rows_and_figures_are_plain_json(embedder: SentenceTransformerEmbedder) -> None:
    report = await evaluate_faq(ENTRIES, QUERIES, embedder, OpenccNormaliser(), FaissEntryIndexes())
    row = report.results[0].as_row()
    assert list(row) == ["text", "expected", "ranking"]
    assert row["ranking"][0]["entry"] == "stock"
    assert sum(found["confidence"] for found in row["ranking"]) <= 1.0001
    figures = report.as_mapping()
    assert "results" not in figures
    assert set(figures["answered"]) == {"0.90", "0.95", "0.98"}


async def test_the_classifier_is_asked_where_it_is_given(embedder: SentenceTransformerEmbedder) -> None:
    intents = {text: "invoice_can" for text in ENTRIES[1].questions} | {"那个票的事": "invoice_can"}
    queries = [FaqQuery("那个票的事", "invoice")]
    parts = (embedder, OpenccNormaliser(), FaissEntryIndexes())
    blind = await evaluate_faq(ENTRIES, queries, *parts)
    seeing = await evaluate_faq(ENTRIES, queries, *parts, _Told(intents))
    assert seeing.classifier
    assert seeing.results[0].ranking[0][0] == "invoice"
    # Entries of such a file name no intent: what the classifier says cannot tell them apart.
    assert seeing.results[0].confidence == blind.results[0].confidence


async def test_intents_and_groups_are_compared_as_they_are_labelled() -> None:
    messages = [
        LabelledMessage("有货吗", "stock_available"),
        LabelledMessage("有红色吗", "stock"),
        LabelledMessage("开票", "invoice_can"),
        LabelledMessage("嗯", "acknowledge"),
    ]
    told = {"有货吗": "stock_available", "有红色吗": "stock_variant", "开票": "invoice_type"}
    report = await evaluate_intents(messages, _Told(told))
    assert report.accuracy == 0.5
    assert report.group_accuracy == 0.75
    assert ("invoice_can", "invoice_type", 1) in report.confusions
    assert {figures.label for figures in report.groups} == {"stock", "invoice", "greeting_thanks"}


async def test_public_sets_reach_what_they_reached(embedder: SentenceTransformerEmbedder) -> None:
    sets, missing = read_sets(Path(__file__).parents[3] / "shared" / "data")
    if missing:
        pytest.skip(f"not there: {missing[0]}")
    floors = {"JDDC": (0.70, 0.87, 0.45), "HINT": (0.75, 0.93, 0.27)}
    for each in sets:
        report = await evaluate_faq(
            each.entries, each.queries, embedder, OpenccNormaliser(), FaissEntryIndexes()
        )
        one, three, answered = floors[each.name[:4]]
        assert report.hit_at_1 >= one
        assert report.hit_at_3 >= three
        assert report.answered["0.90"] >= answered
