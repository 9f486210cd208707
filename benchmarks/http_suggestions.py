"""One client: a suggestion over HTTP against a bare parse of the reference pipeline, for the same messages."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from benchmarks.connections import Answer, Connection
from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.installation import serving
from benchmarks.workbench import RasaServer, Workbench, buyer_messages

NAME = "http"
TITLE = "One client over HTTP"
_SHOP = "yunshang"
_BLOCK = 20
_WARM_UP = 100


async def measure(bench: Workbench) -> Report:
    """Return the figures: each message is sent once to each side, in turns of twenty."""
    began = circumstances()
    messages = buyer_messages()
    measured, warming = messages[: bench.amount(500, 200)], messages[-_WARM_UP:]
    reference = await bench.reference_rasa()
    installation = await bench.installation("demo", demo=True)
    async with serving(installation):
        token = await installation.token([_SHOP])
        ours, rasa = await installation.connection(token).open(), await reference.connection().open()
        await _ask(ours, rasa, reference, warming)
        parsed, suggested = await _ask(ours, rasa, reference, measured)
        ours.close()
        rasa.close()
    return Report(NAME, TITLE, _figures(parsed, suggested), began)


async def _ask(
    ours: Connection, rasa: Connection, reference: RasaServer, messages: Sequence[str]
) -> tuple[list[Answer], list[Answer]]:
    path = f"/api/v1/shops/{quote(_SHOP)}/suggestions"
    parsed: list[Answer] = []
    suggested: list[Answer] = []
    for start in range(0, len(messages), _BLOCK):
        block = messages[start : start + _BLOCK]
        for text in block:
            parsed.append(await rasa.expect("POST", reference.parse_path, {"text": text}))
        for text in block:
            suggested.append(await ours.expect("POST", path, {"text": text}))
    return parsed, suggested


def _figures(parsed: Sequence[Answer], suggested: Sequence[Answer]) -> tuple[Figure, ...]:
    rasa = [answer.seconds * 1000 for answer in parsed]
    whole = [answer.seconds * 1000 for answer in suggested]
    added = [(answer.seconds - answer.rasa_seconds) * 1000 for answer in suggested]
    waited = [answer.rasa_seconds * 1000 for answer in suggested]
    ready = sum(answer.json()["classifier"] == "ready" for answer in suggested)
    count = f"{len(parsed)} distinct messages, each once to each side, in turns of {_BLOCK}"
    return (
        Figure("suggestion / reference parse, p50", median(whole) / median(rasa), "×", 1.6, note=count),
        Figure("the same, p99", percentile(whole, 0.99) / percentile(rasa, 0.99), "×"),
        Figure("suggestion, p50", median(whole), "ms", note=f"p99 {percentile(whole, 0.99):.1f} ms"),
        Figure("reference parse, p50", median(rasa), "ms", note=f"p99 {percentile(rasa, 0.99):.1f} ms"),
        Figure(
            "what we add, p50", median(added), "ms", 1.5, note="seen by the client: all but the wait for Rasa"
        ),
        Figure("what we add, p99", percentile(added, 0.99), "ms", 5.0),
        Figure("wait for our Rasa, p50", median(waited), "ms", note="0 for what needs no classifier"),
        Figure("answered with the classifier", 100 * ready / len(suggested), "%"),
    )
