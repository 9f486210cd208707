"""Quick phrases, images and policies over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.web.memory_app import Served, serve
from tests.web.people import hire, says


@pytest.fixture
async def office() -> AsyncIterator[Served]:
    served = await serve()
    yield served
    await served.client.close()
    await served.engine.close()


@pytest.mark.parametrize("query", ["快递", "fsmkd", "shipping", "发什么"])
async def test_a_phrase_is_found_by_words_initials_and_group(office: Served, query: str) -> None:
    agent = await hire(office, {"tea": "agent"})
    _, found = await agent.call("GET", "/shops/tea/phrases", params={"q": query})
    assert "courier" in {each["id"] for each in found["phrases"]}


async def test_ones_own_phrase_comes_first_and_is_filled_with_this_shops_facts(office: Served) -> None:
    agent = await hire(office, {"tea": "agent", "lamp": "agent"})
    body = {"text": "亲，{发货时限}发出，{库存}件", "short_code": "fs"}
    assert (await agent.call("PUT", "/shops/tea/phrases/p-1", body))[0] == 200
    _, found = await agent.call("GET", "/shops/tea/phrases?q=fs")
    first = found["phrases"][0]
    assert (first["own"], first["text"]) == (True, "亲，青岚48小时内发出，【库存】件")
    start, end = first["stops"][0]
    assert first["text"][start:end] == "【库存】"
    _, elsewhere = await agent.call("GET", "/shops/lamp/phrases?q=fs")
    assert not any(each["own"] for each in elsewhere["phrases"])


async def test_a_phrase_is_filled_with_what_the_conversation_speaks_about(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    conversation = (await says(office, "tea", "黑色L码短袖还有货吗")).conversation.id
    _, found = await agent.call("GET", f"/shops/tea/phrases?q=有货&conversation={conversation}")
    assert found["phrases"][0]["text"] == "青岚还有7件"


async def test_what_is_no_image_is_refused_with_the_reason(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    conversation = (await says(office, "tea", "你好")).conversation.id
    path = f"/shops/tea/conversations/{conversation}/images"
    status, answer = await agent.call("POST", path, data=b"<svg onload=alert(1)>")
    assert (status, list(answer["error"]["fields"])) == (422, ["image"])


async def test_a_policy_is_written_whole_and_counts_at_once(office: Served) -> None:
    owner, agent = await hire(office, {"tea": "owner"}), await hire(office, {"tea": "agent"})
    status, policy = await owner.call("PUT", "/shops/tea/policy", {"forbidden": ["独家秘方"]})
    assert (status, policy["forbidden"]) == (200, ["独家秘方"])
    _, verdict = await agent.call("POST", "/shops/tea/guard", {"text": "这是独家秘方哦"})
    assert (verdict["verdict"], verdict["findings"][0]["text"]) == ("ask", "独家秘方")
    for wrong in (
        {"target_seconds": 1},
        {"origins": ["javascript:alert(1)"]},
        {"alarm_seconds": 500},
        {"more": 1},
    ):
        assert (await owner.call("PUT", "/shops/tea/policy", wrong))[0] == 422
