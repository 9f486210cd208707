"""Replies kept as entries, figures of suggestions, a buyer's own data, and what is masked: over HTTP, shop by shop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.feedback import EDITED, REFUSED, TAKEN
from bot.ports import Event
from bot.services.reacting import ReactionRequest
from tests.web.memory_app import SUGGESTION, WORDS, Served, serve, teach_guard
from tests.web.people import Person, hire, says

PHONE = "13812345678"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    served = await serve()
    served.engine.records.buyers._until_written = 0.0
    yield served
    await served.client.close()
    await served.engine.close()


async def answered(
    served: Served, agent: Person, *asked: str, reply: str, shop: str = "tea", **said: Any
) -> tuple[str, int]:
    """Let a buyer ask and the agent answer; return the conversation and the reply's number."""
    for text in asked:
        written = await says(served, shop, text)
    conversation = written.conversation.id
    conversing = served.engine.workspace.conversing
    out = await conversing.reply(shop, conversation, agent.account.id, reply, key=f"r-{reply}", **said)
    return conversation, out.message.number


def keep_path(conversation: str, number: int, shop: str = "tea") -> str:
    return f"/shops/{shop}/conversations/{conversation}/messages/{number}/keep"


async def test_a_sent_reply_is_kept_as_a_draft_of_the_shop_once(served: Served) -> None:
    agent, owner = await hire(served, {"tea": "agent"}), await hire(served, {"tea": "owner"})
    asked = ("亲", "发什么快递", f"我电话{PHONE}")
    reply = f"{{您}}好，发顺丰，会打{PHONE}联系您"
    conversation, number = await answered(served, agent, *asked, reply=reply)
    status, first = await agent.call("POST", keep_path(conversation, number))
    assert (status, first["is_new"]) == (201, True)
    status, again = await agent.call("POST", keep_path(conversation, number))
    assert (status, again) == (200, {"entry": first["entry"], "is_new": False})
    _, found = await owner.call("GET", "/shops/tea/entries")
    drafts = [entry for entry in found["entries"] if entry["status"] == "draft"]
    assert drafts == [first["entry"]]
    assert drafts[0]["question"] == "亲，发什么快递，我电话138****5678"
    assert drafts[0]["reply"] == "{{您}}好，发顺丰，会打138****5678联系您"
    assert drafts[0]["group"] == "shipping"
    status, published = await owner.call(
        "PUT",
        f"/shops/tea/entries/{drafts[0]['id']}",
        {**{k: v for k, v in drafts[0].items() if k != "version"}, "status": "published"},
        headers={"If-Match": str(drafts[0]["version"])},
    )
    assert (status, published["status"]) == (200, "published")


async def test_the_question_is_what_the_buyer_said_since_the_last_answer_or_what_is_quoted(
    served: Served,
) -> None:
    agent = await hire(served, {"tea": "agent"})
    await answered(served, agent, "有货吗", reply="有的")
    conversation, number = await answered(served, agent, "什么颜色？", "发什么快递", reply="黑色，发顺丰")
    _, kept = await agent.call("POST", keep_path(conversation, number))
    assert kept["entry"]["question"] == "什么颜色？发什么快递"
    conversing = served.engine.workspace.conversing
    more = await conversing.reply("tea", conversation, agent.account.id, "有的呢", key="q", quotes=1)
    _, kept = await agent.call("POST", keep_path(conversation, more.message.number))
    assert kept["entry"]["question"] == "有货吗"


async def test_what_is_no_reply_is_not_kept(served: Served) -> None:
    agent = await hire(served, {"tea": "agent"})
    conversation, _ = await answered(served, agent, "发什么快递", reply="顺丰")
    status, refusal = await agent.call("POST", keep_path(conversation, 1))
    assert status == 422
    assert "number" in refusal["error"]["fields"]
    for number in (0, 3, 99999999):
        assert (await agent.call("POST", keep_path(conversation, number)))[0] == 404


async def test_another_shops_facts_do_not_become_an_entry(served: Served) -> None:
    await teach_guard(served)
    agent = await hire(served, {"tea": "agent"})
    conversation, number = await answered(served, agent, "发什么快递", reply=f"看看{WORDS['lamp']}小店")
    status, refusal = await agent.call("POST", keep_path(conversation, number))
    assert status == 422
    assert refusal["error"]["code"] == "guard"
    assert refusal["guard"]["findings"]
    assert "shop" not in refusal["guard"]["findings"][0]
    _, found = await agent.call("GET", "/shops/tea/entries")
    assert all(entry["status"] == "published" for entry in found["entries"])


async def test_a_conversation_of_another_shop_cannot_be_kept_exported_or_erased(served: Served) -> None:
    owner, theirs = await hire(served, {"tea": "owner"}), await hire(served, {"lamp": "owner"})
    conversation, number = await answered(served, theirs, "发什么快递", reply="顺丰", shop="lamp")
    buyer = (await served.engine.parts.conversations.get_conversation("lamp", conversation)).buyer.id
    for path, method in (
        (keep_path(conversation, number), "POST"),
        (f"/shops/tea/buyers/{buyer}/export", "GET"),
        (f"/shops/tea/buyers/{buyer}/erase", "POST"),
        (f"/shops/lamp/buyers/{buyer}/export", "GET"),
        (f"/shops/lamp/buyers/{buyer}/erase", "POST"),
        ("/shops/lamp/suggestion-figures", "GET"),
        ("/shops/lamp/conversations-export", "GET"),
    ):
        status, answer = await owner.call(method, path)
        assert status == 404, path
        assert WORDS["lamp"] not in json.dumps(answer, ensure_ascii=False)
    kept = await served.engine.parts.conversations.list_messages("lamp", conversation, 10)
    assert [message.text for message in kept] == ["发什么快递", "顺丰"]


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("GET", "/shops/tea/suggestion-figures", {"supervisor", "owner"}),
        ("GET", "/shops/tea/buyers/{buyer}/export", {"supervisor", "owner"}),
        ("GET", "/shops/tea/conversations-export", {"supervisor", "owner"}),
        ("POST", "/shops/tea/buyers/{buyer}/erase", {"owner"}),
    ],
)
async def test_each_role_may_do_what_is_its_own(
    served: Served, method: str, path: str, roles: set[str]
) -> None:
    buyer = (await says(served, "tea", "在吗")).conversation.buyer.id
    for role in ("agent", "supervisor", "owner"):
        person = await hire(served, {"tea": role})
        status, _ = await person.call(method, path.format(buyer=buyer))
        assert (status < 300) == (role in roles), role
        assert status < 300 or status == 403


async def test_a_buyer_is_given_all_that_is_known_and_then_forgotten(served: Served) -> None:
    agent, owner = await hire(served, {"tea": "agent"}), await hire(served, {"tea": "owner"})
    conversation, _ = await answered(served, agent, f"我电话{PHONE}", reply="好的，记下了")
    await agent.call("POST", f"/shops/tea/conversations/{conversation}/notes", {"text": "爱问快递"})
    await agent.call("GET", f"/shops/tea/conversations/{conversation}/suggestions")
    parts = served.engine.parts
    buyer = (await parts.conversations.get_conversation("tea", conversation)).buyer
    await parts.events.append(
        "tea", [Event("message_received", served.clock.now(), conversation, {"text": PHONE})]
    )
    status, data = await owner.call("GET", f"/shops/tea/buyers/{buyer.id}/export")
    assert status == 200
    assert data["buyer"]["external_id"] == buyer.external_id
    talk = data["conversations"][0]
    assert [message["text"] for message in talk["messages"]] == [f"我电话{PHONE}", "好的，记下了"]
    assert [note["text"] for note in talk["notes"]] == ["爱问快递"]
    status, _ = await owner.call("POST", f"/shops/tea/buyers/{buyer.id}/erase")
    assert status == 204
    _, left = await owner.call("GET", f"/shops/tea/buyers/{buyer.id}/export")
    assert (left["buyer"]["name"], left["buyer"]["external_id"]) == ("", "")
    talk = left["conversations"][0]
    assert ([message["text"] for message in talk["messages"]], talk["notes"]) == (["", ""], [])
    assert talk["state"] == "closed"
    assert PHONE not in str(await parts.events.read("tea", 1000))
    audit = await parts.accounts.read_audit(owner.account.organisation, 10, None)
    assert [line.kind for line in audit if line.subject == buyer.id] == [
        "exported",
        "buyer_erased",
        "exported",
    ]


async def test_previews_and_results_are_masked_and_the_thread_is_not(served: Served) -> None:
    agent, owner = await hire(served, {"tea": "agent"}), await hire(served, {"tea": "owner"})
    conversation = (await says(served, "tea", f"手机{PHONE}")).conversation.id
    for person, found in ((agent, "手机138****5678"), (owner, f"手机{PHONE}")):
        _, queue = await person.call("GET", "/queue")
        assert [row["last"]["text"] for row in queue["conversations"]] == ["手机138****5678"]
        _, results = await person.call("GET", f"/search?q={PHONE}")
        assert [row["message"]["text"] for row in results["found"]] == [found]
        _, whole = await person.call("GET", f"/shops/tea/conversations/{conversation}")
        assert [message["text"] for message in whole["messages"]] == [f"手机{PHONE}"]


async def test_conversations_are_exported_as_lines_or_as_a_table(served: Served) -> None:
    boss = await hire(served, {"tea": "supervisor"})
    await says(served, "tea", "=1+1")
    after = (served.clock.now() + timedelta(hours=1)).isoformat().replace("+", "%2B")
    status, lines = await boss.call("GET", f"/shops/tea/conversations-export?until={after}")
    assert status == 200
    assert [m["text"] for m in json.loads(lines.decode())["messages"]] == ["=1+1"]
    status, table = await boss.call("GET", f"/shops/tea/conversations-export?until={after}&format=csv")
    assert (status, "'=1+1" in table.decode("utf-8-sig")) == (200, True)
    for query in ("format=xlsx", "since=yesterday", "until=2026-03-05"):
        assert (await boss.call("GET", f"/shops/tea/conversations-export?{query}"))[0] == 422


async def test_the_owner_sees_what_agents_did_with_suggestions(served: Served) -> None:
    owner = await hire(served, {"tea": "owner", "lamp": "owner"})
    react = served.engine.reactions.react
    await react(ReactionRequest("tea", SUGGESTION, REFUSED, reason="语气不合适"))
    await react(ReactionRequest("tea", SUGGESTION, EDITED, text=f"{WORDS['tea']}courie"))
    status, figures = await owner.call("GET", "/shops/tea/suggestion-figures?days=7")
    assert status == 200
    assert (figures["messages"], figures["offered"]) == (1, 1)
    deeds = figures["suggestions"]
    assert (deeds["taken"], deeds["edited"], deeds["refused"]) == (0, 1, 0)  # the last reaction counts
    assert 0 < deeds["share_changed"] < 0.2
    courier = next(entry for entry in figures["entries"] if entry["id"] == "courier")
    assert (courier["question"], courier["shown"], courier["first"], courier["sent"]) == (
        "发什么快递",
        1,
        1,
        1,
    )
    await react(ReactionRequest("lamp", SUGGESTION, TAKEN))
    _, figures = await owner.call("GET", "/shops/tea/suggestion-figures")
    assert figures["suggestions"]["taken"] == 0
    for days in ("0", "367", "x", "-1"):
        assert (await owner.call("GET", f"/shops/tea/suggestion-figures?days={days}"))[0] == 422


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("supervisor", 200), ("owner", 200)])
async def test_the_page_is_for_who_may_see_the_shops_reports(served: Served, role: str, status: int) -> None:
    person = await hire(served, {"tea": role})
    cookie = {"Cookie": f"kuaihui_session={person.secret}"}
    for shop, expected in (("tea", status), ("lamp", 404)):
        async with served.client.get(f"/shops/{shop}/learning", headers=cookie) as page:
            assert page.status == expected
            text = await page.text()
            assert WORDS["lamp"] not in text
            if expected == 200:
                assert ("drafts-title" in text) == (role == "owner")
    async with served.client.get("/shops/tea/learning?lang=en", headers=cookie) as page:
        assert status != 200 or "How suggestions do" in await page.text()


async def test_the_workspace_leads_who_may_see_reports_to_them(served: Served) -> None:
    agent, boss = await hire(served, {"tea": "agent"}), await hire(served, {"lamp": "owner", "tea": "agent"})
    for person, status in ((agent, 404), (boss, 303)):
        cookie = {"Cookie": f"kuaihui_session={person.secret}"}
        async with served.client.get("/learning", headers=cookie, allow_redirects=False) as answer:
            assert answer.status == status
            assert answer.headers.get("Location") == ("/shops/lamp/learning" if status == 303 else None)
        async with served.client.get("/workspace", headers=cookie) as page:
            assert ('href="/learning"' in await page.text()) == (status == 303)
