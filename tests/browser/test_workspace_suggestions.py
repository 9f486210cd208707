"""Suggestions and quick phrases beside the thread, with real Rasa and FAISS: chosen, edited, filled in, refused, by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.desk import HOLD, Desk
from tests.browser.office import A, B, Office, Person

pytestmark = pytest.mark.browser_full

COURIER = "你们发什么快递"


async def first_reply(at: Desk) -> str:
    """The first suggestion's text, as soon as there is one."""
    await expect(at.suggestions.first).to_be_visible()
    return await at.suggestions.first.locator(".reply").inner_text()


async def keeps_phrase(person: Person, shop: str, code: str, text: str) -> None:
    await person.must(
        "PUT", f"/shops/{shop}/phrases/{code}-of-test", {"short_code": code, "text": text, "group": ""}
    )


async def compose(at: Desk, text: str, *, end: bool) -> None:
    """Write as an input method does: composing, and with `end` choosing what was composed."""
    client = await at.page.context.new_cdp_session(at.page)
    await client.send(
        "Input.imeSetComposition", {"text": text, "selectionStart": 0, "selectionEnd": len(text)}
    )
    if end:
        await client.send("Input.insertText", {"text": text})
    await client.detach()


async def test_up_to_three_suggestions_say_how_sure_they_are_why_and_as_of_when(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "黑色L码还有货吗什么时候发", product="tee-basic")
    at = await desk(both)
    await at.open(asks)
    await first_reply(at)
    assert 1 <= await at.suggestions.count() <= 3
    card = at.suggestions.first
    await expect(card.locator(".sureness")).to_have_text(re.compile(r"^\d+%$"))
    await expect(card.locator(".intent")).not_to_be_empty()
    await card.locator(".facts summary").click()
    await expect(card.locator(".facts")).to_contain_text("截至")
    await expect(at.page.locator("#classifier")).to_be_hidden()
    await card.locator(".from button").first.click()
    entry = at.page.locator("#entry")
    await expect(entry.locator("#entry-title")).not_to_be_empty()
    await expect(entry.locator("#entry-phrasings li").first).to_be_visible()


async def test_new_suggestions_come_as_the_buyer_writes_and_speak_for_this_shop(
    desk: Any, buyer: Any, both: Person
) -> None:
    of_a, of_b = await buyer(A, COURIER), await buyer(B, COURIER)
    at = await desk(both)
    await at.open(of_a)
    assert "中通" in await first_reply(at)
    await at.open(of_b)
    await expect(at.suggestions.first.locator(".reply")).not_to_contain_text("中通")
    before = await first_reply(at)
    await of_b.say("能开发票吗")
    await expect(at.page.locator("#suggestions")).to_contain_text("发票")
    assert await first_reply(at) != before


async def test_one_key_inserts_and_what_is_edited_is_sent(desk: Any, buyer: Any, both: Person) -> None:
    asks = await buyer(A, COURIER)
    at = await desk(both)
    await at.open(asks)
    reply = await first_reply(at)
    await at.page.keyboard.press("1")
    await expect(at.text).to_have_value(reply)
    await at.page.keyboard.press("End")
    await at.page.keyboard.type("，今天就发")
    await at.page.keyboard.press("Enter")
    await asks.hears(f"{reply}，今天就发")


async def test_a_digit_is_a_digit_where_something_stands_already_and_escape_gives_it_back(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, COURIER)
    at = await desk(both)
    await at.open(asks)
    reply = await first_reply(at)
    await at.page.keyboard.type("共")
    await at.page.keyboard.type("1")
    await expect(at.text).to_have_value("共1")
    await at.text.fill("")
    await at.page.keyboard.type("1")
    await expect(at.text).to_have_value(reply)
    await at.page.keyboard.press("Escape")
    await expect(at.text).to_have_value("1")


async def test_one_key_sends_the_first_suggestion_as_it_stands(desk: Any, buyer: Any, both: Person) -> None:
    asks = await buyer(A, COURIER)
    at = await desk(both)
    await at.open(asks)
    reply = await first_reply(at)
    await at.page.keyboard.press("Alt+Enter")
    await expect(at.pending).to_contain_text(reply)
    await asks.hears(reply)
    assert asks.answers == [reply]
    await expect(at.bubbles.last).to_contain_text(reply, timeout=HOLD)


async def test_tab_goes_to_what_must_be_filled_in_and_nothing_leaves_before(
    desk: Any, buyer: Any, both: Person
) -> None:
    await keeps_phrase(both, A, "bq", "亲，已为您备注【备注内容】，单号【快递单号】")
    asks = await buyer(A, "帮我备注一下")
    at = await desk(both)
    await at.open(asks)
    await at.page.keyboard.type("/bq")
    await expect(at.page.locator("#phrases [role=option]").first).to_contain_text("/bq")
    await at.page.keyboard.press("Enter")
    selected = "(() => { const f = document.getElementById('text'); return f.value.slice(f.selectionStart, f.selectionEnd); })()"
    await at.until(f"{selected} === '【备注内容】'")
    await expect(at.page.locator("#stops-left")).to_contain_text("2")
    await at.page.keyboard.press("Enter")
    await expect(at.said.first).to_contain_text("还有要填的地方")
    await at.until(f"{selected} !== ''")
    await at.text.evaluate("(f) => f.setSelectionRange(0, 0)")
    await at.page.keyboard.press("Tab")
    await at.page.keyboard.type("送礼")
    await at.page.keyboard.press("Tab")
    await at.until(f"{selected} === '【快递单号】'")
    await at.page.keyboard.type("稍后发您")
    await expect(at.page.locator("#stops-left")).to_be_hidden()
    await at.page.keyboard.press("Enter")
    await asks.hears("亲，已为您备注送礼，单号稍后发您")


async def test_a_suggestion_that_does_not_help_is_refused_with_a_reason(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, COURIER)
    at = await desk(both)
    await at.open(asks)
    await first_reply(at)
    card = at.suggestions.first
    await card.locator(".refuse summary").click()
    async with at.page.expect_response(lambda answer: answer.url.endswith("/reaction")) as heard:
        await card.get_by_role("button", name="语气不合适").click()
    answer = await heard.value
    assert answer.ok
    assert answer.request.post_data_json == {"kind": "refused", "reason": "语气不合适"}
    await expect(at.suggestions.first).to_have_class(re.compile("refused"))


async def test_that_nothing_fits_or_nothing_is_to_be_said_is_said_plainly(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "昨晚那场球赛的裁判是谁来着")
    at = await desk(both)
    await at.open(asks)
    await expect(at.page.locator("#suggestions .note")).to_contain_text("没有合适的推荐，请自己写")
    thanks = await buyer(A, "好的")
    await at.open(thanks)
    await expect(at.page.locator("#suggestions .note")).to_contain_text(re.compile("无需回复|没有待回复"))


@pytest.mark.parametrize("opener", ["/", "、", "／"])
async def test_quick_phrases_open_with_a_slash_in_every_form(
    desk: Any, buyer: Any, both: Person, opener: str
) -> None:
    asks = await buyer(A, "在吗")
    at = await desk(both)
    await at.open(asks)
    await at.page.keyboard.insert_text(f"{opener}kd")
    option = at.page.locator("#phrases [role=option]").first
    await expect(option).to_contain_text("/kd")
    await expect(option).to_contain_text("快递")
    await at.page.keyboard.press("Enter")
    await expect(at.text).to_have_value(re.compile("中通快递"))
    await expect(at.page.locator("#phrases")).to_be_hidden()


@pytest.mark.parametrize(
    ("query", "entry"),
    [("fh", "什么时候发货"), ("几天能到", "几天能到"), ("smshfh", "什么时候发货"), ("发票", "发票")],
)
async def test_quick_phrases_are_found_by_code_words_initials_and_group(
    desk: Any, buyer: Any, both: Person, query: str, entry: str
) -> None:
    asks = await buyer(A, "在吗")
    at = await desk(both)
    await at.open(asks)
    await at.page.keyboard.insert_text(f"/{query}")
    await expect(at.page.locator("#phrases [role=option]").first).to_contain_text(entry)
    await at.page.keyboard.press("Escape")
    await expect(at.page.locator("#phrases")).to_be_hidden()
    await expect(at.text).to_have_value(f"/{query}")


async def test_ones_own_phrases_are_ones_own_and_of_one_shop(
    desk: Any, buyer: Any, both: Person, single: Person
) -> None:
    of_a, of_b = await buyer(A, "在吗"), await buyer(B, "在吗")
    at, other = await desk(both), await desk(single)
    await at.open(of_a)
    await at.write("祝您生活愉快，云朵敬上", send=False)
    await at.page.get_by_role("button", name="我的短语").click()
    await expect(at.page.locator("#keep-text")).to_have_value("祝您生活愉快，云朵敬上")
    await at.page.locator("#keep-code").fill("zyjs")
    await at.page.get_by_role("button", name="保存短语").click()
    await expect(at.page.locator("#own-phrases")).to_contain_text("/zyjs")
    await at.page.get_by_role("button", name="好了").click()
    await at.text.fill("/zyjs")
    await expect(at.page.locator("#phrases [role=option]").first).to_contain_text("祝您生活愉快，云朵敬上")
    await at.open(of_b)
    await at.text.fill("/zyjs")
    await expect(at.page.locator("#phrases")).to_contain_text("没有这样的短语")
    await other.open(of_a)
    await other.text.fill("/zyjs")
    await expect(other.page.locator("#phrases")).to_contain_text("没有这样的短语")


async def test_keys_that_an_input_method_uses_are_left_to_it(desk: Any, buyer: Any, both: Person) -> None:
    asks = await buyer(A, COURIER)
    at = await desk(both)
    await at.open(asks)
    await first_reply(at)
    await at.text.focus()
    await compose(at, "ni hao", end=False)
    for key in ("1", "2", "Enter", "Tab", "Escape", "ArrowDown"):
        was_left = await at.text.evaluate(
            "(f, key) => f.dispatchEvent(new KeyboardEvent('keydown', {key, code: key, isComposing: true, bubbles: true, cancelable: true}))",
            key,
        )
        assert was_left, f"{key} was taken from the input method"
    await expect(at.pending).to_have_count(0)
    await compose(at, "你好", end=True)
    await expect(at.text).to_have_value("你好")
    await expect(at.text).to_be_focused()


async def test_a_message_is_answered_from_the_queue_to_sent_by_keyboard_alone(
    desk: Any, buyer: Any, both: Person, office: Office
) -> None:
    await office.close_all(A, B)
    first, second = await buyer(A, COURIER), await buyer(B, "什么时候发货")
    at = await desk(both)
    await expect(at.row(first)).to_be_visible()
    await expect(at.row(second)).to_be_visible()
    keys = at.page.keyboard
    await keys.press("Alt+KeyJ")
    await expect(at.page.locator("#thread-buyer")).to_have_text(second.name)
    reply = await first_reply(at)
    await keys.press("1")
    await keys.press("Enter")
    await second.hears(reply)
    await keys.press("Escape")
    await expect(at.page.locator("#queue-list")).to_be_focused()
    await keys.press("Alt+KeyJ")
    await expect(at.page.locator("#thread-buyer")).to_have_text(first.name)
    await expect(at.text).to_be_focused()
    reply = await first_reply(at)
    await keys.press("Alt+Enter")
    await first.hears(reply)
    await keys.press("Alt+KeyX")
    await expect(at.row(first)).to_have_count(0)


async def test_one_key_sends_and_leads_to_who_must_be_answered_next(
    desk: Any, buyer: Any, both: Person, office: Office
) -> None:
    await office.close_all(A, B)
    first, second, third = await buyer(B, COURIER), await buyer(A, COURIER), await buyer(A, "在吗，有事")
    at = await desk(both)
    await at.open(first)
    suggested = await first_reply(at)
    await at.page.keyboard.press("Control+Enter")
    await expect(at.page.locator("#thread-buyer")).to_have_text(second.name)
    await at.text.fill("亲，默认发中通")
    await at.page.keyboard.press("Control+Enter")
    await expect(at.page.locator("#thread-buyer")).to_have_text(third.name)
    await first.hears(suggested)
    await second.hears("亲，默认发中通")


async def test_the_help_sheet_lists_the_keys(desk: Any, both: Person) -> None:
    at = await desk(both)
    for key in ("F1", "?"):
        await at.page.locator("#queue-list").focus()
        await at.page.keyboard.press(key)
        sheet = at.page.locator("#help")
        await expect(sheet).to_be_visible()
        for word in ("Alt+J", "Alt+Z", "填入第几条推荐", "快捷短语", "结束会话"):
            await expect(sheet).to_contain_text(word)
        await at.page.keyboard.press("Escape")
        await expect(sheet).to_be_hidden()
