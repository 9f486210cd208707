"""The owner's entries over HTTP: found, shown filled, and tried before they are saved."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.entry import CASES, STATUSES
from bot.domain.intents import GROUPS
from bot.domain.variables import VARIABLES
from bot.ports import Event
from bot.services.entry_finding import ENDINGS
from bot.settings import PROJECT_ROOT
from bot.web.console_page import ENTRIES_PAGE
from bot.web.owner_pages import page_words
from tests.web.calls import ENTRY
from tests.web.memory_app import ORDERS, WORDS, Served
from tests.web.people import Person, hire

OTHER_ORDER = ORDERS["lamp"]


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


async def found(owner: Person, **query: Any) -> dict[str, Any]:
    """Return the entries found, by a query that is right."""
    status, answer = await owner.call("GET", "/shops/tea/entry-search", params=query)
    assert status == 200, answer
    return dict(answer)


def ids(answer: dict[str, Any]) -> list[str]:
    return [entry["id"] for entry in answer["entries"]]


async def preview(owner: Person, entry: dict[str, Any], **about: str) -> dict[str, Any]:
    """Return a preview that is right."""
    status, answer = await owner.call("POST", "/shops/tea/entries/preview", {"entry": entry, **about})
    assert status == 200, answer
    return dict(answer)


async def test_entries_are_found_by_words_group_and_status(served: Served, owner: Person) -> None:
    await owner.call("POST", "/shops/tea/entries", {**ENTRY, "status": "draft", "phrasings": ["送啥"]})
    assert (await found(owner))["counts"] == {
        "draft": 1, "published": 5, "archived": 0, "ending": 0, "ended": 0, "edited": 0, "review": 0,
    }  # fmt: skip
    assert ids(await found(owner, q="送啥")) == ["gift"]
    assert ids(await found(owner, q="發票")) == ["invoice"]
    assert ids(await found(owner, q="快递 单号")) == ["parcel"]
    assert ids(await found(owner, group="shipping")) == ["courier", "dispatch"]
    assert ids(await found(owner, status="draft")) == ["gift"]
    assert ids(await found(owner, q="没有这个词")) == []


async def test_entries_come_a_page_at_a_time(owner: Person) -> None:
    first, second = await found(owner, limit="2"), await found(owner, start="2", limit="2")
    assert (ids(first), ids(second)) == (["courier", "dispatch"], ["invoice", "parcel"])
    assert first["total"] == second["total"] == 5


async def test_entries_that_end_soon_or_have_ended_are_found(served: Served, owner: Person) -> None:
    for name, days in (("soon", 0.1), ("later", 60)):
        until = (served.clock.now() + timedelta(days=days)).isoformat()
        await owner.call("POST", "/shops/tea/entries", {**ENTRY, "id": name, "validity": {"until": until}})
    assert ids(await found(owner, ending="ending")) == ["soon"]
    served.clock.moment += timedelta(hours=4)
    answer = await found(owner, ending="ended")
    assert ids(answer) == ["soon"]
    assert (answer["counts"]["ended"], answer["counts"]["ending"]) == (1, 0)


async def test_entries_with_a_draft_and_those_handed_over_are_found(owner: Person) -> None:
    for name, ready in (("courier", False), ("invoice", True)):
        _, document = await owner.call("GET", f"/shops/tea/entries/{name}")
        body = {"base": document.pop("version"), "entry": {**document, "reply": "青岚改过"}, "ready": ready}
        assert (await owner.call("PUT", f"/shops/tea/entries/{name}/draft", body))[0] == 200
    answer = await found(owner, draft="review")
    assert (ids(answer), answer["drafts"]) == (["invoice"], {"invoice": "review"})
    assert ids(await found(owner, draft="edited")) == ["courier"]
    assert (answer["counts"]["edited"], answer["counts"]["review"]) == (1, 1)


async def test_entries_that_nobody_used_for_a_month_are_found(served: Served) -> None:
    served.clock.moment = datetime.now(UTC)
    owner = await hire(served, {"tea": "owner"})
    assert (await found(owner, use="unused"))["total"] == 0
    served.clock.moment += timedelta(days=40)
    owner = await hire(served, {"tea": "owner"})
    offers = [[["courier", 1, 0.6]], [["invoice", 1, 0.2]]]
    taken = Event("suggestion_taken", served.clock.moment, "c-9", {"place": 1, "offers": offers}, "m-9")
    await served.engine.parts.events.append("tea", [taken])
    answer = await found(owner, use="unused")
    assert ids(answer) == ["courier", "dispatch", "parcel", "stock"]
    assert (answer["counts"]["unused"], answer["uses"]["courier"]["used"]) == (4, 0)


async def test_entries_that_are_offered_with_little_confidence_are_found(
    served: Served, owner: Person
) -> None:
    reply = {"confidence": 0.31, "entries": [["parcel", 1, 0.31]]}
    shown = Event("suggestion_shown", served.clock.moment, "c-9", {"suggestions": [reply]}, "m-9")
    await served.engine.parts.events.append("tea", [shown] * 3)
    answer = await found(owner, use="unsure")
    assert ids(answer) == ["parcel"]
    assert answer["uses"] == {"parcel": {"first": 3, "used": 0, "confidence": 0.31}}


@pytest.mark.parametrize(
    "query", ["group=shoes", "status=gone", "ending=never", "draft=no", "use=often", "start=-1", "limit=many"]
)
async def test_a_condition_that_does_not_exist_is_named(owner: Person, query: str) -> None:
    status, answer = await owner.call("GET", f"/shops/tea/entry-search?{query}")
    assert status == 422
    assert list(answer["error"]["fields"]) == [query.partition("=")[0]]


async def test_an_unsaved_text_is_shown_with_the_shops_own_facts(owner: Person) -> None:
    entry = {"reply": "{商品}有{库存}件，{发货时限}发", "group": "stock"}
    answer = await preview(owner, entry, product="shirt", sku="shirt-black-l")
    [text] = answer["texts"]
    assert text["text"] == answer["said"] == "青岚短袖有7件，青岚48小时内发"
    assert text["missing"] == []
    assert {fact["name"]: fact["value"] for fact in text["facts"]}["stock"] == "7"


async def test_what_has_no_fact_is_named_and_nothing_half_filled_would_be_said(owner: Person) -> None:
    answer = await preview(owner, {"reply": "赠品是{赠品}，送到{地区}"})
    assert answer["said"] is None
    assert answer["texts"][0]["missing"] == ["gift", "region"]
    assert answer["texts"][0]["text"] == "赠品是【赠品】，送到【地区】"
    assert (await preview(owner, {"reply": "{赠品}", "fallback": "我问问"}))["said"] == "我问问"


async def test_each_case_is_shown_and_the_one_that_holds_is_told(owner: Person) -> None:
    cases = {"shipped": "在{物流状态}", "unknown": "单号发我"}
    entry = {"group": "logistics", "cases": cases}
    assert (await preview(owner, entry))["case"] == "unknown"
    answer = await preview(owner, entry, order=ORDERS["tea"])
    assert (answer["case"], answer["said"]) == ("shipped", "在已到青岚站")
    assert [text["name"] for text in answer["texts"]] == ["shipped", "unknown"]


async def test_each_text_is_read_by_the_guard(owner: Person) -> None:
    answer = await preview(owner, {"reply": "我们是全网最低价"})
    [finding] = answer["texts"][0]["guard"]["findings"]
    assert finding["kind"] == "forbidden"


async def test_a_variable_misspelt_is_named_by_its_field(owner: Person) -> None:
    body = {"entry": {"reply": "好", "fallback": "{库村}件"}}
    status, answer = await owner.call("POST", "/shops/tea/entries/preview", body)
    assert status == 422
    assert "库存" in answer["error"]["fields"]["entry.fallback"]


@pytest.mark.parametrize(
    "about", [{"product": "none-such"}, {"product": "shirt", "sku": "none-such"}, {"order": OTHER_ORDER}]
)
async def test_a_preview_knows_nothing_of_another_shop(owner: Person, about: dict[str, str]) -> None:
    body = {"entry": {"reply": "{商品}{物流状态}"}, **about}
    status, answer = await owner.call("POST", "/shops/tea/entries/preview", body)
    assert status == 404
    assert WORDS["lamp"] not in str(answer)


async def test_a_preview_is_given_this_shops_products_and_orders_without_their_buyers(owner: Person) -> None:
    status, answer = await owner.call("GET", "/shops/tea/entry-material")
    assert status == 200
    assert answer["products"] == [
        {
            "id": "shirt", "title": "青岚短袖", "category": "衣服",
            "variants": [{"sku": "shirt-black-l", "name": "黑色 L"}],
        }
    ]  # fmt: skip
    assert answer["orders"] == [{"order_no": ORDERS["tea"], "status": "shipped", "items": ["青岚短袖"]}]


async def attempt(owner: Person, text: str, entry: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a trial that is right."""
    status, answer = await owner.call("POST", "/shops/tea/entries/try", {"text": text, "entry": entry})
    assert status == 200, answer
    return dict(answer)


async def test_a_message_is_tried_before_and_after_an_edit(served: Served, owner: Person) -> None:
    answer = await attempt(owner, "有什么赠品", ENTRY)
    assert "gift" not in str(answer["suggestions"])
    edited = answer["with_edit"]
    assert edited["suggestions"][0]["text"] == "每单送一双袜子"
    assert edited["suggestions"][0]["parts"][0]["entry"] == "gift"
    assert edited["standings"][0] == {
        "entry": "gift", "question": "有什么赠品", "confidence": edited["standings"][0]["confidence"],
        "word_for_word": True,
    }  # fmt: skip
    assert 0 < edited["threshold"] <= 1


async def test_an_edit_that_is_tried_changes_nothing(served: Served, owner: Person) -> None:
    before = dict(served.memory.shops["tea"].entries)
    await attempt(owner, "有什么赠品", ENTRY)
    assert served.memory.shops["tea"].entries == before
    _, live = await served.call("POST", "/shops/tea/suggestions", json={"text": "有什么赠品"})
    assert "袜子" not in str(live)
    assert (await attempt(owner, "有什么赠品"))["with_edit"] is None


async def test_an_edit_replaces_the_entry_and_an_archived_one_is_gone(served: Served, owner: Person) -> None:
    _, entry = await owner.call("GET", "/shops/tea/entries/courier")
    document = {key: value for key, value in entry.items() if key != "version"}
    answer = await attempt(owner, "发什么快递", {**document, "reply": "发顺丰"})
    assert answer["suggestions"][0]["text"] == "青岚发青岚速运"
    assert answer["with_edit"]["suggestions"][0]["text"] == "发顺丰"
    assert answer["with_edit"]["suggestions"][0]["parts"][0]["version"] == 2
    gone = (await attempt(owner, "发什么快递", {**document, "status": "archived"}))["with_edit"]
    assert "courier" not in [part["entry"] for each in gone["suggestions"] for part in each["parts"]]


async def test_each_edit_is_tried_as_it_stands_now(served: Served, owner: Person) -> None:
    for reply in ("送袜子", "送帽子"):
        answer = await attempt(owner, "有什么赠品", {**ENTRY, "reply": reply})
        assert answer["with_edit"]["suggestions"][0]["text"] == reply
    await owner.call("PUT", "/shops/tea/facts", {"facts": {"发货时限": "当天"}})
    await served.engine.live_shops.refresh("tea", served.memory.versions["tea"])
    answer = await attempt(owner, "什么时候发货", {**ENTRY, "reply": "送帽子"})
    assert answer["with_edit"]["suggestions"][0]["text"] == "青岚当天发出"


async def test_a_trial_is_not_in_the_shops_figures(served: Served, owner: Person) -> None:
    before = len(served.memory.shops["tea"].events)
    await attempt(owner, "发什么快递", ENTRY)
    await served.engine.recorder.close()
    assert len(served.memory.shops["tea"].events) == before


async def test_a_wrong_edit_is_refused_by_field(owner: Person) -> None:
    body = {"text": "有什么赠品", "entry": {**ENTRY, "intent": "ship_when"}}
    status, answer = await owner.call("POST", "/shops/tea/entries/try", body)
    assert status == 422
    assert "entry.intent" in answer["error"]["fields"]
    body = {"text": "有什么赠品", "entry": {**ENTRY, "scope": {"products": ["hat"]}}}
    status, answer = await owner.call("POST", "/shops/tea/entries/try", body)
    assert (status, list(answer["error"]["fields"])) == (422, ["scope.products"])


async def test_two_shops_with_edits_of_the_same_id_are_told_apart(served: Served) -> None:
    both = await hire(served, {"tea": "owner", "lamp": "owner"})
    for shop in ("tea", "lamp", "tea"):
        body = {"text": "有什么赠品", "entry": {**ENTRY, "reply": f"{WORDS[shop]}送袜子"}}
        _, answer = await both.call("POST", f"/shops/{shop}/entries/try", body)
        assert answer["with_edit"]["suggestions"][0]["text"] == f"{WORDS[shop]}送袜子"
        other = WORDS["lamp" if shop == "tea" else "tea"]
        assert other not in str(answer)


async def test_the_page_is_for_owners_and_holds_nothing_of_another_shop(served: Served) -> None:
    for role, shop, expected in (
        ("owner", "tea", 200),
        ("agent", "tea", 403),
        ("supervisor", "tea", 403),
        ("owner", "lamp", 404),
    ):
        person = await hire(served, {"tea": role})
        cookie = {"Cookie": f"kuaihui_session={person.secret}"}
        async with served.client.get(f"/shops/{shop}/entries", headers=cookie) as page:
            assert page.status == expected
            assert WORDS["lamp"] not in await page.text()


async def test_the_page_speaks_both_languages_and_leads_to_ones_other_shops(served: Served) -> None:
    owner = await hire(served, {"tea": "owner", "lamp": "owner", "demo-silk": "agent"})
    cookie = {"Cookie": f"kuaihui_session={owner.secret}"}
    async with served.client.get("/shops/tea/entries", headers=cookie) as page:
        text = await page.text()
        assert "保存并启用" in text
        assert 'href="/shops/lamp/entries"' in text
        assert 'href="/shops/demo-silk/entries"' not in text
    async with served.client.get("/shops/tea/entries?lang=en", headers=cookie) as page:
        assert "Save and publish" in await page.text()


async def test_the_workspace_leads_owners_to_their_entries(served: Served) -> None:
    agent, boss = await hire(served, {"tea": "agent"}), await hire(served, {"lamp": "owner", "tea": "agent"})
    for person, status in ((agent, 404), (boss, 303)):
        cookie = {"Cookie": f"kuaihui_session={person.secret}"}
        async with served.client.get("/entries", headers=cookie, allow_redirects=False) as answer:
            assert answer.status == status
            assert answer.headers.get("Location") == ("/shops/lamp/entries" if status == 303 else None)
        async with served.client.get("/workspace", headers=cookie) as page:
            assert ('href="/entries"' in await page.text()) == (status == 303)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_that_the_pages_scripts_ask_for_is_there(language: str) -> None:
    texts = page_words(ENTRIES_PAGE, language)
    folder = PROJECT_ROOT / "bot/web/static/console"
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.js")))
    asked = set(re.findall(r"\bwords\.(\w+)", scripts))
    families = {name for cases in CASES.values() for name in cases}
    asked |= {f"case_{name}" for name in families} | {f"family_{name}" for name in CASES}
    asked |= {f"group_{name}" for name in GROUPS} | {f"from_{each.source}" for each in VARIABLES}
    asked |= {f"saved_{status}" for status in STATUSES} | {*STATUSES, *ENDINGS}
    assert asked <= set(texts)
    assert len(texts["days"].split()) == 7


async def test_the_list_follows_every_change_of_its_own_shop(served: Served) -> None:
    owner = await hire(served, {"tea": "owner", "lamp": "owner"})
    assert (await found(owner))["total"] == 5
    await owner.call("POST", "/shops/tea/entries", {**ENTRY, "status": "draft"})
    await owner.call("POST", "/shops/lamp/entries", {**ENTRY, "id": "lamps-own"})
    assert ids(await found(owner, group="price_promo")) == ["gift"]
    await owner.call("PUT", "/shops/tea/entries/gift", {**ENTRY, "status": "archived", "reply": "送完了"})
    assert ids(await found(owner, q="送完了", status="archived")) == ["gift"]
    await owner.call("DELETE", "/shops/tea/entries/gift")
    assert (await found(owner))["total"] == 5
    many = [{**ENTRY, "id": f"many-{number}"} for number in range(40)]
    await owner.call("PUT", "/shops/tea/entries", {"entries": many})
    assert (await found(owner))["total"] == 45
    await owner.call("PUT", "/shops/tea/entries", {"entries": many[:1], "replace": True})
    assert ids(await found(owner)) == ["many-0"]
