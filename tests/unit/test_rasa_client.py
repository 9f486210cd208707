"""Rasa over HTTP: asked when it is there and well, left alone when not, and never mistaken for something else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.domain.intents import Entity, IntentScore, Understanding
from bot.nlu.client import RasaClassifier
from bot.ports import ClassifierUnavailable
from tests.unit.fake_rasa import TOKEN, FakeRasa

NEVER = 3600.0


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    server = FakeRasa()
    yield server
    await server.stop()


@pytest.fixture
async def classifier(rasa: FakeRasa) -> AsyncIterator[RasaClassifier]:
    """Looks at the server only when told."""
    made = _classifier(await rasa.start())
    await made.start()
    await made.probe()
    yield made
    await made.close()


def _classifier(url: str, token: str = TOKEN, timeout: float = 5.0) -> RasaClassifier:
    return RasaClassifier(
        url, token, timeout, starting=lambda: False, probe_seconds=NEVER, idle_probe_seconds=NEVER
    )


async def test_intents_and_entities_come_in_our_words(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    rasa.entities = [
        {"entity": "invoice_type", "start": 2, "end": 4, "value": "专票", "extractor": "x"},
        {"entity": "unheard_of", "start": 0, "end": 1, "value": "能"},
    ]
    assert await classifier.classify("能开专票吗") == Understanding(
        (IntentScore("invoice_can", "invoice", 0.8), IntentScore("ship_when", "shipping", 0.15)),
        (Entity("invoice_type", "专票", 2, 4),),
        0.1,
    )


async def test_positions_count_from_the_text_as_given(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    rasa.entities = [{"entity": "courier", "start": 0, "end": 2, "value": "sf"}]
    (entity,) = (await classifier.classify(" \n顺丰吗")).entities
    assert entity == Entity("courier", "顺丰", 2, 4)


async def test_a_slash_does_not_reach_rasa_as_a_command(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    await classifier.classify(' /greet{"a":1}')
    assert rasa.texts[-1] == '／greet{"a":1}'


async def test_half_characters_are_replaced_and_long_texts_cut(
    rasa: FakeRasa, classifier: RasaClassifier
) -> None:
    await classifier.classify("\ud83d" + "长" * 10_000)
    assert rasa.texts[-1] == "\ufffd" + "长" * 499


async def test_it_is_warming_before_the_first_look(rasa: FakeRasa) -> None:
    assert _classifier("http://127.0.0.1:9").state == "warming"


async def test_it_names_the_loaded_model(classifier: RasaClassifier) -> None:
    assert (classifier.state, classifier.model) == ("ready", "intents-1.tar.gz@abc")


async def test_a_connection_that_breaks_is_tried_once_more(
    rasa: FakeRasa, classifier: RasaClassifier
) -> None:
    rasa.behaviour = "breaks_once"
    assert (await classifier.classify("发票")).intents
    assert rasa.texts[-2:] == ["发票", "发票"]


async def test_a_connection_that_keeps_breaking_ends_the_asking(
    rasa: FakeRasa, classifier: RasaClassifier
) -> None:
    rasa.behaviour = "breaks"
    with pytest.raises(ClassifierUnavailable, match="connection broke"):
        await classifier.classify("发票")
    asked = len(rasa.texts)
    with pytest.raises(ClassifierUnavailable, match="Rasa is down"):
        await classifier.classify("发票")
    assert len(rasa.texts) == asked


async def test_one_bad_text_does_not_end_the_asking(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    rasa.behaviour = "error"
    with pytest.raises(ClassifierUnavailable, match="status 500"):
        await classifier.classify("发票")
    assert classifier.state == "ready"
    rasa.behaviour = "well"
    assert (await classifier.classify("发票")).intents


async def test_several_failures_in_a_row_end_the_asking(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    rasa.behaviour = "error"
    for _ in range(3):
        with pytest.raises(ClassifierUnavailable):
            await classifier.classify("发票")
    assert (classifier.state, "status 500" in classifier.reason) == ("down", True)


async def test_a_slow_answer_is_given_up_after_the_timeout(rasa: FakeRasa) -> None:
    impatient = _classifier(await rasa.start(), timeout=0.05)
    await impatient.start()
    await impatient.probe()
    rasa.behaviour = "slow"
    for _ in range(3):
        with pytest.raises(ClassifierUnavailable, match=r"no answer within 0\.05 s"):
            await impatient.classify("发票")
    assert impatient.state == "down"
    await impatient.probe()
    assert "takes longer than" in impatient.reason
    await impatient.close()


@pytest.mark.parametrize("behaviour", ["garbage", "html", "strange"])
async def test_an_answer_in_another_form_is_not_rasas(
    rasa: FakeRasa, classifier: RasaClassifier, behaviour: str
) -> None:
    rasa.behaviour = behaviour
    with pytest.raises(ClassifierUnavailable):
        await classifier.classify("发票")
    assert classifier.state == "down"
    assert "Rasa" in classifier.reason or "unknown form" in classifier.reason


async def test_another_service_on_the_port_is_recognised(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    rasa.is_rasa = False
    await classifier.probe()
    assert classifier.state == "down"
    assert "something other than Rasa answers there" in classifier.reason


async def test_a_server_that_died_is_noticed_and_found_again(
    rasa: FakeRasa, classifier: RasaClassifier
) -> None:
    rasa.behaviour = "breaks"
    await classifier.probe()
    assert classifier.state == "down"
    rasa.behaviour = "well"
    await classifier.probe()
    assert (await classifier.classify("发票")).intents


async def test_nothing_listening_is_down_or_warming_as_the_owner_of_the_server_says() -> None:
    expected = True
    classifier = RasaClassifier("http://127.0.0.1:1", TOKEN, starting=lambda: expected, probe_seconds=NEVER)
    await classifier.start()
    await classifier.probe()
    assert (classifier.state, "nothing listens there" in classifier.reason) == ("warming", True)
    expected = False
    await classifier.probe()
    assert classifier.state == "down"
    await classifier.close()


async def test_a_model_that_is_still_loading_is_said_so(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    rasa.loaded = False
    for _ in range(3):
        await classifier.probe()
    assert (classifier.state, "no model is loaded yet" in classifier.reason) == ("down", True)


async def test_one_late_probe_changes_nothing(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    rasa.loaded = False
    await classifier.probe()
    assert classifier.state == "ready"


async def test_a_wrong_token_is_said_so_and_not_shown(rasa: FakeRasa) -> None:
    stranger = _classifier(await rasa.start(), token="wrong-secret")
    await stranger.start()
    await stranger.probe()
    assert stranger.state == "down"
    assert "KUAIHUI_RASA_TOKEN" in stranger.reason
    assert "wrong-secret" not in stranger.reason
    await stranger.close()


async def test_a_model_of_other_intents_is_refused(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    rasa.intents = ["book_flight", "order_pizza"]
    await classifier.probe()
    assert (classifier.state, "none of our intents" in classifier.reason) == ("down", True)


async def test_an_old_rasa_is_refused(rasa: FakeRasa, classifier: RasaClassifier) -> None:
    rasa.version = "1.10.2"
    await classifier.probe()
    assert "Rasa 1.10.2 answers there" in classifier.reason


async def test_closing_leaves_nothing_open(classifier: RasaClassifier) -> None:
    await classifier.close()
    await classifier.close()
    with pytest.raises(ClassifierUnavailable, match="closed"):
        await classifier.classify("发票")


async def test_how_likely_only_a_person_may_settle_it_is_read(
    rasa: FakeRasa, classifier: RasaClassifier
) -> None:
    rasa.only_person = 0.9
    assert (await classifier.classify("杯口有个茬")).only_person == 0.9
    rasa.only_person = 7
    assert (await classifier.classify("杯口有个茬")).only_person == 1.0


async def test_a_model_that_cannot_tell_serves_all_the_same_and_is_named_in_the_log_once(
    rasa: FakeRasa, caplog: pytest.LogCaptureFixture
) -> None:
    rasa.only_person = None
    made = _classifier(await rasa.start())
    await made.start()
    for _ in range(3):
        await made.probe()
    found = await made.classify("杯口有个茬")
    await made.close()
    assert (found.only_person, found.intents[0].intent) == (None, "invoice_can")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "bot.nlu.client"]
    assert "intents-1.tar.gz@abc" in line
    assert "kuaihui train" in line


async def test_a_strange_word_on_who_may_settle_it_is_not_rasas(
    rasa: FakeRasa, classifier: RasaClassifier
) -> None:
    rasa.only_person = "very"
    with pytest.raises(ClassifierUnavailable, match="unknown form"):
        await classifier.classify("杯口有个茬")
