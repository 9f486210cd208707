"""The thread and the composer: for which shop one speaks, what is on its way, and what the buyer sees of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.browser.desk import HOLD
from tests.browser.office import A, B, Office, Person

pytestmark = pytest.mark.browser_full


def picture() -> dict[str, Any]:
    """A small PNG."""
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "#2f6fde").save(written, "PNG")
    return {"name": "照片.png", "mimeType": "image/png", "buffer": written.getvalue()}


async def test_one_always_sees_for_which_shop_one_speaks(desk: Any, buyer: Any, both: Person) -> None:
    of_a, of_b = await buyer(A, "在吗"), await buyer(B, "在吗")
    at = await desk(both)
    looks = []
    bar = at.page.locator(".as:has(#as-shop)")
    for each, name, avatar in ((of_a, "云朵生活馆", "云"), (of_b, "云上小铺", "铺")):
        await at.open(each)
        await expect(at.page.locator("#thread-shop")).to_contain_text(name)
        await expect(at.page.locator("#as-shop")).to_contain_text(name)
        await expect(at.page.locator("#as-avatar")).to_have_text(avatar)
        assert name in str(await at.text.get_attribute("aria-label"))
        looks.append(await bar.evaluate("(e) => getComputedStyle(e).backgroundColor"))
    assert looks[0] != looks[1]


async def test_typing_shows_on_both_sides(desk: Any, buyer: Any, both: Person) -> None:
    asks = await buyer(A, "在吗")
    at = await desk(both)
    await at.open(asks)
    await asks.types()
    await expect(at.page.locator("#typing")).to_have_text("买家正在输入…")
    await asks.say("这件有货吗")
    await expect(at.page.locator("#typing")).to_have_text("")
    await at.text.press_sequentially("稍等")
    await asks.sees_typing()
    await at.text.fill("")
    await asks.sees_typing(on=False)


async def test_a_colleague_who_types_is_seen(desk: Any, buyer: Any, both: Person, single: Person) -> None:
    asks = await buyer(A, "在吗")
    at, other = await desk(both), await desk(single)
    await at.open(asks)
    await other.open(asks)
    await other.text.press_sequentially("亲")
    await expect(at.page.locator("#typing")).to_have_text(f"{single.name} 正在输入…")


async def test_each_conversation_keeps_its_own_draft_also_over_a_reload(
    desk: Any, buyer: Any, both: Person
) -> None:
    one, two = await buyer(A, "在吗"), await buyer(B, "有人吗")
    at = await desk(both)
    await at.open(one)
    await at.write("给第一位的", send=False)
    await at.open(two)
    await expect(at.text).to_have_value("")
    async with at.page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        await at.write("给第二位的", send=False)
    await at.open(one)
    await expect(at.text).to_have_value("给第一位的")
    await at.page.reload()
    await at.connected()
    await at.open(two)
    await expect(at.text).to_have_value("给第二位的")
    await at.open(one)
    await expect(at.text).to_have_value("给第一位的")
    stored = await at.page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert "给第" not in stored, "drafts of a shop must not outlive the membership in the browser's storage"


async def test_a_draft_and_its_suggestions_are_marked_when_the_buyer_writes_again(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "黑色L码有货吗")
    at = await desk(both)
    await at.open(asks)
    await at.write("有货的亲", send=False)
    await expect(at.page.locator("#again")).to_be_hidden()
    await asks.say("不对，要白色的")
    await expect(at.page.locator("#again")).to_be_visible()
    await expect(at.page.locator("#again")).to_contain_text("买家又说话了")
    await at.page.get_by_role("button", name="看到了").click()
    await expect(at.page.locator("#again")).to_be_hidden()
    await expect(at.text).to_have_value("有货的亲")


async def test_for_five_seconds_a_sent_reply_can_be_taken_back(desk: Any, buyer: Any, both: Person) -> None:
    asks = await buyer(A, "能便宜吗")
    at = await desk(both)
    await at.open(asks)
    await at.write("可以的亲，九折")
    await expect(at.pending).to_contain_text("等待发出，可撤回")
    await at.page.locator("#undo-bars").get_by_role("button", name="撤回").click()
    await expect(at.text).to_have_value("可以的亲，九折")
    await expect(at.pending).to_have_count(0)
    await at.write("亲，这个价很实在了")
    await asks.hears("亲，这个价很实在了")
    assert asks.answers == ["亲，这个价很实在了"]
    await expect(at.page.locator("#undo-bars .undo")).to_have_count(0)
    await at.write("还有别的要问吗")
    await expect(at.pending).to_contain_text("等待发出，可撤回")
    await at.page.keyboard.press("Alt+KeyZ")
    await expect(at.text).to_have_value("还有别的要问吗")


async def test_a_bubble_is_quoted_and_the_buyer_sees_to_what_one_answers(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "白色有吗", "几天到")
    at = await desk(both)
    await at.open(asks)
    await at.bubbles.first.hover()
    await at.bubbles.first.get_by_role("button", name="引用").click()
    await expect(at.page.locator("#quote-text")).to_have_text("白色有吗")
    await at.write("白色有货")
    heard = await asks.hears("白色有货")
    assert heard["quotes"] == f"{asks.conversation}:1"
    await expect(at.bubbles.last.locator(".quoted")).to_have_text("白色有吗", timeout=HOLD)
    await expect(at.page.locator("#quote-line")).to_be_hidden()


async def test_a_bubble_is_copied_by_mouse_and_by_keyboard(desk: Any, buyer: Any, both: Person) -> None:
    asks = await buyer(A, "我的地址是花园路", "麻烦改一下")
    at = await desk(both, permissions=["clipboard-read", "clipboard-write"])
    await at.open(asks)
    await at.bubbles.first.hover()
    await at.bubbles.first.get_by_role("button", name="复制").click()
    await expect(at.said.first).to_contain_text("已复制")
    assert await at.page.evaluate("navigator.clipboard.readText()") == "我的地址是花园路"
    await at.page.keyboard.press("Alt+KeyM")
    await at.page.keyboard.press("ArrowUp")
    await at.page.keyboard.press("c")
    await at.until("navigator.clipboard.readText().then((text) => text === '麻烦改一下')")
    await at.page.keyboard.press("q")
    await expect(at.page.locator("#quote-text")).to_have_text("麻烦改一下")


async def test_a_picture_goes_with_the_reply_and_is_seen_by_both(
    desk: Any, buyer: Any, both: Person, office: Office
) -> None:
    asks = await buyer(A, "发张实拍")
    at = await desk(both)
    await at.open(asks)
    await at.page.set_input_files("#image-file", files=[picture()])
    await expect(at.page.locator("#image-line img")).to_be_visible()
    await at.write("亲，实拍图")
    heard = await asks.hears("亲，实拍图")
    shown = at.bubbles.last.locator("img")
    await expect(shown).to_be_visible(timeout=HOLD)
    await at.until("document.querySelector('#bubbles .bubble:last-of-type img')?.naturalWidth === 40")
    address = f"{office.address}/chat/{A}/images/{heard['image']}"
    async with office.http.get(address, headers={"Authorization": f"Bearer {asks.token}"}) as answer:
        assert Image.open(io.BytesIO(await answer.read())).size == (40, 30)


async def test_a_file_that_is_no_picture_is_refused_in_sight_and_the_draft_stays(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "发张实拍")
    at = await desk(both)
    await at.open(asks)
    await at.write("稍等", send=False)
    broken = {"name": "假.png", "mimeType": "image/png", "buffer": b"\x89PNG no picture at all"}
    await at.page.set_input_files("#image-file", files=[broken])
    await expect(at.page.locator("#problems")).to_contain_text("图片")
    await expect(at.page.locator("#image-line")).to_be_hidden()
    await expect(at.text).to_have_value("稍等")
    text = {"name": "表.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    await at.page.set_input_files("#image-file", files=[text])
    await expect(at.page.locator("#problems")).to_contain_text("只能发 PNG、JPEG、WebP 或 GIF 图片")
    at.forgive("status of 422")


async def test_beside_the_thread_stand_the_shops_rules_and_what_is_known_of_the_buyer(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "什么时候发货", product="tee-basic")
    at = await desk(both)
    await at.open(asks)
    card = at.page.locator("#shop-card")
    for text in ("中通快递", "48小时内", "电子普通发票", "亲", "今天仓库盘点"):
        await expect(card).to_contain_text(text)
    about = at.page.locator("#buyer-card")
    await expect(about).to_contain_text(asks.name)
    await expect(about).to_contain_text("云绵基础款纯棉圆领T恤")
    await about.get_by_label("加标签").fill("老客户")
    await about.get_by_label("加标签").press("Enter")
    await expect(about.locator(".tag")).to_contain_text("老客户")


async def test_a_note_is_for_colleagues_and_never_reaches_the_buyer(
    desk: Any, buyer: Any, both: Person, single: Person
) -> None:
    asks = await buyer(A, "我要投诉")
    at, other = await desk(both), await desk(single)
    await at.open(asks)
    await other.open(asks)
    await at.page.keyboard.press("Alt+KeyN")
    await at.page.keyboard.type("已经赔过一次，先安抚")
    await at.page.keyboard.press("Enter")
    await expect(other.page.locator("#notes")).to_contain_text("已经赔过一次，先安抚")
    await at.write("亲，马上为您处理")
    await asks.hears("亲，马上为您处理")
    assert asks.answers == ["亲，马上为您处理"]


async def test_what_was_said_before_is_found_by_searching_and_opened_at_its_place(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "想要那款墨绿菠萝格的围裙", "在吗")
    at = await desk(both)
    await expect(at.row(asks)).to_be_visible()
    await at.page.keyboard.press("Alt+KeyQ")
    await at.page.keyboard.type("菠萝格")
    found = at.page.locator("#search-results button.found").filter(has_text=asks.name)
    await expect(found).to_contain_text("云朵生活馆")
    await found.click()
    await expect(at.page.locator("#thread-buyer")).to_have_text(asks.name)
    await expect(at.bubbles.first).to_be_focused()
