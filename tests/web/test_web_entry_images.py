"""An entry's image over HTTP: uploaded, named by its entry, suggested, sent and seen; of its own shop alone."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.services.chatting import new_visitor
from bot.services.image_reading import MAX_IMAGE_BYTES
from tests.web.calls import ENTRY
from tests.web.chat_app import picture
from tests.web.memory_app import Served, serve, teach_guard
from tests.web.people import Person, hire, says

CHART = {**ENTRY, "id": "courier", "group": "shipping", "intent": "ship_courier", "question": "发什么快递", "reply": "发速运"}  # fmt: skip


@pytest.fixture
async def office() -> AsyncIterator[Served]:
    served = await serve()
    await teach_guard(served)
    yield served
    await served.client.close()
    await served.engine.close()


async def upload(person: Person, shop: str = "tea", content: bytes = b"") -> str:
    status, answer = await person.call("POST", f"/shops/{shop}/entry-images", data=content or picture())
    assert status == 201, answer
    return str(answer["id"])


async def with_image(person: Person) -> str:
    """Give the courier entry of `tea` an image, and return its id."""
    image = await upload(person)
    status, entry = await person.call("PUT", "/shops/tea/entries/courier", {**CHART, "image": image})
    assert (status, entry["image"]) == (200, image)
    return image


async def test_an_image_is_uploaded_and_shown_in_its_shop_alone(office: Served) -> None:
    owner, other = await hire(office, {"tea": "owner"}), await hire(office, {"lamp": "owner"})
    agent = await hire(office, {"tea": "agent"})
    image = await upload(owner)
    assert await upload(owner) == image
    for reader in (owner, agent):
        status, content = await reader.call("GET", f"/shops/tea/entry-images/{image}")
        assert (status, content[:4]) == (200, b"\x89PNG")
    assert (await other.call("GET", f"/shops/tea/entry-images/{image}"))[0] == 404
    assert (await other.call("GET", f"/shops/lamp/entry-images/{image}"))[0] == 404
    assert (await other.call("GET", f"/shops/lamp/images/{image}"))[0] == 404
    assert (await other.call("POST", "/shops/tea/entry-images", data=picture()))[0] == 404
    assert (await agent.call("POST", "/shops/tea/entry-images", data=picture()))[0] == 403


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n broken"])
async def test_what_is_no_image_is_refused_by_its_content(office: Served, content: bytes) -> None:
    owner = await hire(office, {"tea": "owner"})
    status, answer = await owner.call(
        "POST", "/shops/tea/entry-images", data=content, headers={"Content-Type": "image/png"}
    )
    assert (status, list(answer["error"]["fields"])) == (422, ["image"])


async def test_an_image_that_is_too_large_is_refused(office: Served) -> None:
    owner = await hire(office, {"tea": "owner"})
    status, _ = await owner.call(
        "POST", "/shops/tea/entry-images", data=io.BytesIO(b"\0" * (MAX_IMAGE_BYTES + 1))
    )
    assert status == 413


async def test_an_entry_names_no_image_of_another_shop(office: Served) -> None:
    owner = await hire(office, {"tea": "owner", "lamp": "owner"})
    theirs = await upload(owner, "lamp")
    for method, path, body in (
        ("PUT", "/shops/tea/entries/courier", {**CHART, "image": theirs}),
        ("POST", "/shops/tea/entries", {**ENTRY, "image": theirs}),
        ("PUT", "/shops/tea/entries", {"entries": [{**ENTRY, "image": theirs}]}),
        ("PUT", "/shops/tea/entries/courier/draft", {"entry": {**CHART, "image": theirs}, "base": 1}),
    ):
        status, answer = await owner.call(method, path, body)
        assert status == 422, (path, answer)
        assert any("image" in field for field in answer["error"]["fields"]), (path, answer)


async def test_suggestions_and_quick_phrases_bring_the_image(office: Served) -> None:
    owner = await hire(office, {"tea": "owner"})
    image = await with_image(owner)
    _, answer = await owner.call("POST", "/shops/tea/suggestions", {"text": "发什么快递"})
    assert [each["image"] for each in answer["suggestions"] if each["parts"][0]["entry"] == "courier"] == [image]  # fmt: skip
    _, found = await owner.call("GET", "/shops/tea/phrases?q=快递")
    assert {each["id"]: each["image"] for each in found["phrases"]}["courier"] == image


async def send(office: Served, agent: Person, conversation: str, image: str) -> dict[str, Any]:
    """Send the image with a text, wait until it has left, and return the message."""
    async with agent.page() as page:
        await page.say(
            type="send", shop="tea", conversation=conversation, text="见图", image=image, key="k-1", answers=1
        )
        await page.hear("held")
        office.clock.moment += timedelta(seconds=6)
        await office.engine.workspace.outbox.send_due()
    _, talk = await agent.call("GET", f"/shops/tea/conversations/{conversation}")
    return dict(talk["messages"][-1])


async def test_the_buyer_who_was_sent_it_sees_the_image_and_nobody_else(office: Served) -> None:
    agent = await hire(office, {"tea": "owner"})
    image = await with_image(agent)
    buyers = [new_visitor("tea") for _ in range(2)]
    receive = office.engine.workspace.conversing.receive
    talks = [await receive("tea", each.as_buyer(), "发什么快递", key=each.token[:8]) for each in buyers]
    tokens = [visitor.token for visitor in buyers]

    async def sees(token: str, shop: str = "tea") -> int:
        headers = {"Authorization": f"Bearer {token}"}
        async with office.client.get(f"/chat/{shop}/images/{image}", headers=headers) as answer:
            return answer.status

    assert [await sees(token) for token in tokens] == [404, 404]
    sent = await send(office, agent, talks[0].conversation.id, image)
    assert (sent["text"], sent["image"]) == ("见图", image)
    assert [await sees(token) for token in tokens] == [200, 404]
    assert await sees(tokens[0], "lamp") == 404
    await office.engine.parts.conversations.erase_buyer("tea", talks[0].conversation.buyer.id)
    assert await sees(tokens[0]) == 404
    assert (await agent.call("GET", f"/shops/tea/entry-images/{image}"))[0] == 200


async def test_an_image_of_another_shops_entries_is_not_sent(office: Served) -> None:
    agent = await hire(office, {"tea": "owner", "lamp": "owner"})
    theirs = await upload(agent, "lamp")
    talk = await says(office, "tea", "发什么快递")
    async with agent.page() as page:
        await page.say(
            type="send", shop="tea", conversation=talk.conversation.id, text="见图", image=theirs, key="k-1"
        )
        refused = await page.hear("refused")
    assert refused["error"]["code"] == "not_found"


async def test_history_tells_of_the_image_and_brings_it_back(office: Served) -> None:
    owner = await hire(office, {"tea": "owner"})
    image = await with_image(owner)
    await owner.call("PUT", "/shops/tea/entries/courier", CHART)
    _, found = await owner.call("GET", "/shops/tea/entries/courier/versions")
    assert {"field": "image", "before": image, "after": None} in found["versions"][0]["differences"]
    status, entry = await owner.call("POST", "/shops/tea/entries/courier/rollback", {"version": 2})
    assert (status, entry["image"]) == (200, image)


async def test_a_copied_entry_takes_its_image_along(office: Served) -> None:
    owner = await hire(office, {"tea": "owner", "lamp": "owner"})
    image = await upload(owner)
    wrap = {**ENTRY, "id": "wrap", "question": "能包礼盒吗", "reply": "可以包礼盒", "image": image}
    assert (await owner.call("POST", "/shops/tea/entries", wrap))[0] == 201
    copy = {"entries": ["wrap"], "to": "lamp"}
    assert (await owner.call("POST", "/shops/tea/entries/copy", {**copy, "dry_run": True}))[0] == 200
    assert (await owner.call("GET", f"/shops/lamp/entry-images/{image}"))[0] == 404
    _, report = await owner.call("POST", "/shops/tea/entries/copy", copy)
    assert report["written"] == 1
    assert (await owner.call("GET", "/shops/lamp/entries/wrap"))[1]["image"] == image
    assert (await owner.call("GET", f"/shops/lamp/entry-images/{image}"))[0] == 200
    _, again = await owner.call("POST", "/shops/tea/entries/copy", copy)
    assert again["entries"][0]["verdict"] == "same"


async def test_tokens_upload_and_read_by_their_rights_in_their_shops(office: Served) -> None:
    async def call(method: str, path: str, token: str, content: bytes | None = None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {office.tokens[token]}"}
        async with office.client.request(
            method, f"/api/v1/shops{path}", data=content, headers=headers
        ) as answer:
            return answer.status, await answer.read()

    assert (await call("POST", "/tea/entry-images", "tea-read", picture()))[0] == 403
    assert (await call("POST", "/tea/entry-images", "lamp", picture()))[0] == 404
    status, body = await call("POST", "/tea/entry-images?shop=lamp", "both", picture())
    assert status == 201
    image = json.loads(body)["id"]
    for token, shop, expected in (
        ("tea", "tea", 200), ("tea-read", "tea", 200), ("lamp", "tea", 404), ("lamp", "lamp", 404), ("both", "lamp", 404),
    ):  # fmt: skip
        assert (await call("GET", f"/{shop}/entry-images/{image}", token))[0] == expected, (token, shop)
