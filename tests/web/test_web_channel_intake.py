"""What outer channels send over HTTP: signed, once, committed before it is answered; all else is refused and writes nothing."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest

from bot.domain.channels import ShopChannel, verified_id
from bot.domain.conversation import Conversation, Message
from bot.ports import StoreUnavailable
from tests.integration.webhook_peer import as_base64, signed
from tests.web.chat_app import picture
from tests.web.memory_app import NOW, Served

SECRETS = {"tea": "secret-of-tea", "lamp": "secret-of-lamp"}
HOOK = ShopChannel("hook", "webhook", "商城", settings={"url": "http://127.0.0.1:9/", "vouches": True})
A_MESSAGE: dict[str, Any] = {"type": "message", "id": "m-1", "buyer": {"id": "b-1"}, "text": "短袖有货吗"}


@pytest.fixture(autouse=True)
async def _channels(served: Served) -> None:
    for shop, secret in SECRETS.items():
        await served.engine.parts.channels.put_channel(shop, HOOK, {"secret": secret}, NOW)


async def post(
    served: Served, document: Any, *, shop: str = "tea", secret: str | None = None, **options: Any
) -> tuple[int, Any]:
    """Return status and JSON of what the shop's channel answers."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = signed(body, secret or SECRETS[shop], NOW) | options.pop("headers", {})
    path = options.pop("path", f"/channels/{shop}/hook")
    async with served.client.post(path, data=io.BytesIO(body), headers=headers, **options) as response:
        return response.status, await response.json()


async def talk_of(served: Served, shop: str, external: str = "b-1") -> tuple[Conversation, list[Message]]:
    """Return the buyer's newest conversation with its messages."""
    store = served.engine.parts.conversations
    buyer = await store.find_buyer(shop, "webhook:hook", external)
    assert buyer is not None
    [conversation, *_] = await store.buyer_conversations(shop, buyer.id, 5)
    return conversation, await store.list_messages(shop, conversation.id, 50)


async def nothing_was_written(served: Served) -> bool:
    store = served.engine.parts.conversations
    return await store.find_buyer("tea", "webhook:hook", "b-1") is None


async def test_a_buyers_words_stand_in_the_queue_before_they_are_answered(served: Served) -> None:
    status, answer = await post(served, A_MESSAGE)
    assert status == 200
    conversation, messages = await talk_of(served, "tea")
    assert [(each.author, each.text) for each in messages] == [("buyer", "短袖有货吗")]
    assert conversation.waiting_since is not None
    assert verified_id(conversation.buyer) == "b-1"
    event = {"id": "m-1", "conversation": conversation.id, "message": 1, "duplicate": False}
    assert answer == {"duplicate": False, "events": [event]}


async def test_the_same_message_again_writes_nothing_also_after_the_conversation_was_closed(
    served: Served,
) -> None:
    _, first = await post(served, A_MESSAGE)
    conversation, _ = await talk_of(served, "tea")
    await served.engine.workspace.conversing.close("tea", conversation.id, "somebody")
    status, again = await post(served, A_MESSAGE)
    assert (status, again["duplicate"]) == (200, True)
    assert again["events"][0]["conversation"] == first["events"][0]["conversation"]
    found, messages = await talk_of(served, "tea")
    assert (found.state, len(messages)) == ("closed", 1)


async def test_the_same_message_at_once_is_written_once(served: Served) -> None:
    answers = await asyncio.gather(*(post(served, A_MESSAGE) for _ in range(5)))
    assert {status for status, _ in answers} == {200}
    assert len((await talk_of(served, "tea"))[1]) == 1


async def test_messages_stand_in_the_order_in_which_they_arrived(served: Served) -> None:
    for id in ("m-3", "m-1", "m-2"):
        await post(served, {**A_MESSAGE, "id": id, "text": id})
    assert [each.text for each in (await talk_of(served, "tea"))[1]] == ["m-3", "m-1", "m-2"]


async def test_two_shops_with_the_same_ids_hear_nothing_of_each_other(served: Served) -> None:
    for shop in ("tea", "lamp"):
        status, answer = await post(served, {**A_MESSAGE, "text": shop}, shop=shop)
        assert (status, answer["duplicate"]) == (200, False)
    for shop in ("tea", "lamp"):
        _, messages = await talk_of(served, shop)
        assert [each.text for each in messages] == [shop]


async def test_the_secret_of_one_shop_opens_no_other(served: Served) -> None:
    status, answer = await post(served, A_MESSAGE, secret=SECRETS["lamp"])
    assert (status, answer["error"]["code"]) == (401, "unauthorized")
    assert await nothing_was_written(served)


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[1]", 400),
        ({**A_MESSAGE, "text": ""}, 422),
        ({**A_MESSAGE, "shop": "lamp"}, 422),
        ({**A_MESSAGE, "images": [{"content": as_base64(b"no image")}]}, 422),
        ({**A_MESSAGE, "text": "\u200b\u200d"}, 422),
    ],
)
async def test_what_cannot_be_read_is_refused_in_the_one_error_shape(
    served: Served, document: Any, status: int
) -> None:
    found, answer = await post(served, document)
    assert found == status
    assert set(answer["error"]) == {"code", "message", "fields"}
    assert bool(answer["error"]["fields"]) == (status == 422)
    assert await nothing_was_written(served)
    if status == 422:
        assert (await post(served, A_MESSAGE))[1]["duplicate"] is False


@pytest.mark.parametrize(
    "headers",
    [
        {"x-kuaihui-signature": ""},
        {"x-kuaihui-timestamp": ""},
        {"x-kuaihui-signature": "v1=" + "0" * 64},
        {"x-kuaihui-signature": "v1=é"},
    ],
)
async def test_what_is_not_signed_is_refused(served: Served, headers: dict[str, str]) -> None:
    status, answer = await post(served, A_MESSAGE, headers=headers)
    assert (status, answer["error"]["code"]) == (401, "unauthorized")
    assert await nothing_was_written(served)


async def test_a_huge_request_is_refused(served: Served) -> None:
    document = {**A_MESSAGE, "images": [{"content": "A" * 1_100_000}]}
    status, answer = await post(served, document)
    assert (status, answer["error"]["code"]) == (413, "too_large")

    async def endless() -> Any:
        for _ in range(40):
            yield b"x" * 65536

    headers = signed(b"", SECRETS["tea"], NOW)
    async with served.client.post("/channels/tea/hook", data=endless(), headers=headers) as response:
        assert response.status == 413


@pytest.mark.parametrize("path", ["/channels/tea/none", "/channels/none/hook", "/channels/T!/hook"])
async def test_a_channel_that_is_not_there_is_not_found(served: Served, path: str) -> None:
    status, answer = await post(served, A_MESSAGE, path=path)
    assert (status, answer["error"]["code"]) == (404, "not_found")


async def test_a_channel_that_is_switched_off_is_not_found(served: Served) -> None:
    off = ShopChannel("hook", "webhook", "商城", False, HOOK.settings)
    await served.engine.parts.channels.put_channel("tea", off, {"secret": SECRETS["tea"]}, NOW)
    assert (await post(served, A_MESSAGE))[0] == 404


async def test_who_guesses_is_made_to_wait_and_the_channel_goes_on(served: Served) -> None:
    guesses = [
        (await post(served, A_MESSAGE, secret="x", headers=_from("198.51.100.7")))[0] for _ in range(80)
    ]
    assert (guesses[0], guesses[-1]) == (401, 429)
    assert (await post(served, A_MESSAGE, headers=_from("198.51.100.8")))[0] == 200


def _from(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def test_a_channel_may_send_so_much_and_no_more(served: Served) -> None:
    statuses = []
    for number in range(520):
        status, _ = await post(served, {"type": "ping", "id": str(number)})
        statuses.append(status)
    assert (statuses[0], statuses[-1]) == (200, 429)


async def test_nothing_is_answered_as_taken_before_it_is_committed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("the database does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(served.engine.parts.channels, "end_taking", away)
        status, answer = await post(served, A_MESSAGE)
        assert (status, answer["error"]["code"]) == (503, "unavailable")
    status, answer = await post(served, A_MESSAGE)
    assert (status, answer["duplicate"]) == (200, False)
    assert len((await talk_of(served, "tea"))[1]) == 1


async def test_an_image_and_words_become_bubbles(served: Served) -> None:
    document = {**A_MESSAGE, "images": [{"content": as_base64(picture())}]}
    assert (await post(served, document))[0] == 200
    _, [words, image] = await talk_of(served, "tea")
    assert (words.text, bool(words.image), image.text, bool(image.image)) == ("短袖有货吗", False, "", True)


async def test_an_image_that_cannot_be_fetched_is_said_in_words(served: Served) -> None:
    document = {**A_MESSAGE, "images": [{"url": "https://shop.example/1.png"}]}
    assert (await post(served, document))[0] == 200
    _, [words, note] = await talk_of(served, "tea")
    assert words.text == "短袖有货吗"
    assert "图片" in note.text


async def test_a_buyer_whom_nobody_vouches_for_is_another_one(served: Served) -> None:
    await post(served, A_MESSAGE)
    await post(
        served, {**A_MESSAGE, "id": "m-2", "text": "我的订单", "buyer": {"id": "b-1", "verified": False}}
    )
    vouched, said = await talk_of(served, "tea")
    assert [each.text for each in said] == ["短袖有货吗"]
    claimed, said = await talk_of(served, "tea", "unverified:b-1")
    assert [each.text for each in said] == ["我的订单"]
    assert vouched.buyer.id != claimed.buyer.id
    assert verified_id(claimed.buyer) == ""


async def test_a_person_who_answers_there_is_seen_here_and_not_answered_back(served: Served) -> None:
    await post(served, A_MESSAGE)
    answered = {**A_MESSAGE, "id": "m-2", "text": "有的", "author": "person"}
    assert (await post(served, answered))[0] == 200
    conversation, messages = await talk_of(served, "tea")
    assert [(each.author, each.text) for each in messages][1:] == [("agent", "有的")]
    assert conversation.person_at is not None
    assert conversation.waiting_since is None
    assert await served.engine.parts.channels.deliveries_of("tea", conversation.id, [1, 2]) == []


async def test_what_the_other_side_does_with_a_conversation_is_done_here(served: Served) -> None:
    await post(served, A_MESSAGE)
    told = {"type": "status", "buyer": {"id": "b-1"}}
    await post(served, {**told, "id": "s-1", "status": "person"})
    assert (await talk_of(served, "tea"))[0].person_at is not None
    await post(served, {**told, "id": "s-2", "status": "software"})
    assert (await talk_of(served, "tea"))[0].person_at is None
    for _ in range(2):
        status, _ = await post(served, {**told, "id": "s-3", "status": "closed"})
        assert status == 200
    conversation, _ = await talk_of(served, "tea")
    assert conversation.state == "closed"
    assert await served.engine.parts.channels.list_deliveries("tea", "hook", [], 9) == []


async def test_a_status_of_a_buyer_who_never_spoke_changes_nothing(served: Served) -> None:
    status, answer = await post(
        served, {"type": "status", "id": "s-1", "buyer": {"id": "nobody"}, "status": "closed"}
    )
    assert (status, answer["events"][0]["conversation"]) == (200, "")


async def test_a_long_text_is_kept_in_pieces(served: Served) -> None:
    await post(served, {**A_MESSAGE, "text": "甲" * 9000})
    _, messages = await talk_of(served, "tea")
    assert [len(each.text) for each in messages] == [4000, 4000, 1000]


async def test_a_field_that_nobody_knows_writes_no_line_of_its_own_into_the_log(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    strange = {f"x\n2026-11-23 ERROR {number}\u2028": 1 for number in range(2000)}
    with caplog.at_level("DEBUG", logger="bot.web.channel_intake"):
        status, answer = await post(served, {**A_MESSAGE, **strange})
    assert status == 422
    assert len(answer["error"]["fields"]) == 20
    assert all(len(line.splitlines()) == 1 for line in caplog.messages)
    assert await nothing_was_written(served)
