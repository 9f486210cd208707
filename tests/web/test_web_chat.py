"""The web chat: what a buyer's browser is told, and what it can never reach."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta

import pytest
from PIL import Image

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS, Message
from bot.domain.entry import WeeklyHours
from bot.domain.service_policy import ServicePolicy
from bot.ports import StoreUnavailable
from bot.services.chat_limits import FRAME_BY_VISITOR, MESSAGE_BY_VISITOR, PACES
from bot.services.image_reading import MAX_IMAGE_BYTES
from bot.services.typing import BUYER, Typist
from tests.web.chat_app import Browser, ChatServed, picture, serve_chat_app


@pytest.fixture
async def chat() -> AsyncIterator[ChatServed]:
    """The chat, its feed followed."""
    served = await serve_chat_app()
    following = asyncio.create_task(served.services.feeds.follow())
    yield served
    following.cancel()
    await served.client.close()


async def conversation_of(chat: ChatServed, browser: Browser, shop: str = "tea") -> str:
    """Return the id of the conversation in which the browser's first words stand."""
    bubble = await browser.say("在吗")
    return str(bubble["id"]).rpartition(":")[0]


class TestPage:
    async def test_it_shows_the_shop_in_both_languages(self, chat: ChatServed) -> None:
        for language, name in (("zh", "青岚茶铺"), ("en", "Qinglan Tea")):
            async with chat.client.get(f"/chat/tea?lang={language}") as response:
                page = await response.text()
            assert response.status == 200
            assert f"<h1>{name}</h1>" in page
            assert 'data-colour="#1f6f5c"' in page

    async def test_only_the_shops_own_sites_may_frame_it(self, chat: ChatServed) -> None:
        await chat.store.put_policy("tea", ServicePolicy(origins=("https://tea.example.com",)))
        for shop, ancestors in (("tea", "'self' https://tea.example.com"), ("lamp", "'self'")):
            async with chat.client.get(f"/chat/{shop}") as response:
                policy = response.headers["Content-Security-Policy"]
            assert policy.endswith(f"frame-ancestors {ancestors}")
            assert "script-src 'self';" in policy

    async def test_a_shop_that_does_not_exist_has_no_page(self, chat: ChatServed) -> None:
        for path in ("/chat/nothing", "/chat/nothing/widget.js", "/chat/nothing/live"):
            async with chat.client.get(path) as response:
                assert response.status == 404

    async def test_the_widget_names_the_shop_in_ascii_that_no_name_can_break_out_of(
        self, chat: ChatServed
    ) -> None:
        async with chat.client.get("/chat/tea/widget.js") as response:
            script = await response.text()
        assert response.content_type == "text/javascript"
        first = script.splitlines()[1]
        assert first.isascii()
        assert '"colour": "#1f6f5c"' in first
        assert "Set-Cookie" not in response.headers


class TestSpeaking:
    async def test_the_first_words_open_a_conversation_and_the_token_brings_it_back(
        self, chat: ChatServed
    ) -> None:
        first = await chat.browser()
        welcome = await first.hello()
        assert welcome["messages"] == []
        assert welcome["shop"]["name"] == "青岚茶铺"
        await first.say("有龙井吗")
        await first.socket.close()
        again = await chat.browser()
        welcome = await again.hello(first.token)
        assert [(each["text"], each["mine"]) for each in welcome["messages"]] == [("有龙井吗", True)]

    async def test_opening_the_page_alone_leaves_nothing_behind(self, chat: ChatServed) -> None:
        await (await chat.browser()).hello()
        assert await chat.store.feed_numbers(["tea"]) in ({}, {"tea": 0})

    async def test_what_the_shop_answers_arrives_without_the_name_of_who_wrote_it(
        self, chat: ChatServed
    ) -> None:
        browser = await chat.browser()
        await browser.hello()
        conversation = await conversation_of(chat, browser)
        await chat.conversing.answer("tea", conversation, "在的亲")
        bubble = (await browser.hear("message"))["message"]
        while bubble["mine"]:
            bubble = (await browser.hear("message"))["message"]
        assert (bubble["text"], bubble["auto"], bubble["key"]) == ("在的亲", False, "")
        assert "a1" not in str(bubble)

    async def test_an_answer_arrives_by_itself_when_the_store_was_away_for_a_moment(
        self, chat: ChatServed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.web.chat_live._STORE_PAUSE_SECONDS", 0.01)
        browser = await chat.browser()
        await browser.hello()
        conversation = await conversation_of(chat, browser)
        read, failures = chat.store.messages_after, [StoreUnavailable("away"), StoreUnavailable("away")]

        async def messages_after(shop: str, asked: str, number: int) -> list[Message]:
            if failures:
                raise failures.pop()
            return await read(shop, asked, number)

        monkeypatch.setattr(chat.store, "messages_after", messages_after)
        await chat.conversing.answer("tea", conversation, "在的亲")
        bubble = (await browser.hear("message"))["message"]
        while bubble["mine"]:
            bubble = (await browser.hear("message"))["message"]
        assert bubble["text"] == "在的亲"
        assert not failures

    async def test_what_was_missed_is_shown_after_coming_back(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        conversation = await conversation_of(chat, browser)
        await browser.socket.close()
        for number in range(3):
            await chat.conversing.answer("tea", conversation, f"第{number}句")
        welcome = await (await chat.browser()).hello(browser.token)
        assert [each["text"] for each in welcome["messages"]] == ["在吗", "第0句", "第1句", "第2句"]

    async def test_the_same_key_sent_again_writes_nothing_twice(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        first = await browser.say("什么时候发货", key="key-00000001")
        again = await browser.say("什么时候发货", key="key-00000001")
        assert again == first
        other = await chat.browser()
        assert len((await other.hello(browser.token))["messages"]) == 1

    async def test_words_sent_again_before_the_answer_came_make_no_second_buyer(
        self, chat: ChatServed
    ) -> None:
        browser = await chat.browser()
        await browser.hello()
        lost = await browser.say("有货吗", key="key-00000002")
        after = await chat.browser()
        await after.hello(browser.token)
        assert await after.say("有货吗", key="key-00000002") == lost

    async def test_two_windows_of_one_browser_show_the_same(self, chat: ChatServed) -> None:
        one, two = await chat.browser(), await chat.browser()
        await one.hello()
        await one.say("在吗")
        await two.hello(one.token)
        await one.say("还有货吗")
        assert (await two.hear("message"))["message"]["text"] == "还有货吗"

    async def test_after_a_closed_conversation_a_new_one_begins_and_the_old_words_stay(
        self, chat: ChatServed
    ) -> None:
        browser = await chat.browser()
        await browser.hello()
        old = await conversation_of(chat, browser)
        await chat.conversing.close("tea", old, "")
        bubble = await browser.say("又来了")
        new = bubble["id"].rpartition(":")[0]
        assert new != old
        await chat.conversing.answer("tea", new, "欢迎回来")
        while (await browser.hear("message"))["message"]["text"] != "欢迎回来":
            pass
        welcome = await (await chat.browser()).hello(browser.token)
        assert [each["text"] for each in welcome["messages"]] == ["在吗", "又来了", "欢迎回来"]

    async def test_long_histories_are_read_backwards_in_pages(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        conversation = await conversation_of(chat, browser)
        for number in range(2, 151):
            await chat.conversing.answer("tea", conversation, f"第{number}句")
        reader = await chat.browser()
        welcome = await reader.hello(browser.token)
        seen = [each["id"] for each in welcome["messages"]]
        before = welcome["earlier"]
        while before:
            await reader.send(type="earlier", before=before)
            page = await reader.hear("earlier")
            seen = [each["id"] for each in page["messages"]] + seen
            before = page["earlier"]
        assert seen == [f"{conversation}:{number}" for number in range(1, 151)]

    async def test_typing_goes_both_ways(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        conversation = await conversation_of(chat, browser)
        told: list[tuple[str, Typist, bool]] = []
        heard = asyncio.Event()

        def listener(*what: object) -> None:
            told.append(what)  # type: ignore[arg-type]
            heard.set()

        chat.services.typing.listen("tea", listener)
        await browser.send(type="typing", on=True)
        async with asyncio.timeout(5):
            await heard.wait()
        assert told == [(conversation, BUYER, True)]
        chat.services.typing.tell("tea", conversation, Typist("a1", "客服甲"), True)
        assert await browser.hear("typing") == {"type": "typing", "on": True}

    async def test_the_product_viewed_reaches_the_shop(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello(product="tea-1")
        conversation = await conversation_of(chat, browser)
        assert (await chat.store.get_conversation("tea", conversation)).buyer.viewed == "tea-1"
        await browser.send(type="viewing", product="tea-2")
        await browser.say("这款呢")
        assert (await chat.store.get_conversation("tea", conversation)).buyer.viewed == "tea-2"

    async def test_a_name_that_agents_gave_stays(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        conversation = await conversation_of(chat, browser)
        buyer = (await chat.store.get_conversation("tea", conversation)).buyer
        assert buyer.name.startswith("访客")
        await chat.store.update_buyer("tea", replace(buyer, name="老客"))
        await browser.say("还在吗")
        assert (await chat.store.get_conversation("tea", conversation)).buyer.name == "老客"

    async def test_closed_hours_are_said(self, chat: ChatServed) -> None:
        # The clock stands on a Thursday, 10:30 in the shop's zone.
        hours = tuple(WeeklyHours(day, time(12), time(18)) for day in range(5))
        await chat.store.put_policy("tea", ServicePolicy(hours=hours))
        browser = await chat.browser()
        welcome = await browser.hello()
        assert welcome["open"] is False
        assert welcome["hours"][0] == {"weekday": 0, "since": "12:00", "until": "18:00"}
        chat.clock.moment += timedelta(hours=2)
        await browser.send(type="ping")
        assert (await browser.hear("pong"))["open"] is True


class TestIsolation:
    async def test_a_token_of_one_shop_opens_nothing_in_another(self, chat: ChatServed) -> None:
        browser = await chat.browser("tea")
        await browser.hello()
        conversation = await conversation_of(chat, browser)
        other = await chat.browser("lamp")
        welcome = await other.hello(browser.token)
        assert welcome["messages"] == []
        await other.send(type="earlier", before=f"{conversation}:9")
        assert (await other.hear("earlier"))["messages"] == []

    async def test_one_buyer_cannot_read_anothers_words_by_any_message(self, chat: ChatServed) -> None:
        victim, thief = await chat.browser(), await chat.browser()
        await victim.hello()
        conversation = await conversation_of(chat, victim)
        await victim.say("我的地址是某某路1号")
        await thief.hello()
        await thief.say("在吗")
        for before in (f"{conversation}:99", f"{conversation}:1", "nothing:1"):
            await thief.send(type="earlier", before=before)
            assert (await thief.hear("earlier"))["messages"] == []
        await chat.conversing.answer("tea", conversation, "地址收到")
        await thief.send(type="ping")
        heard = []
        while True:
            data = await thief.socket.receive_json(timeout=5)
            heard.append(str(data))
            if data["type"] == "pong":
                break
        assert not any("地址" in each for each in heard)

    async def test_one_buyer_cannot_fetch_anothers_image(self, chat: ChatServed) -> None:
        victim, thief = await chat.browser(), await chat.browser()
        await victim.hello()
        await thief.hello()
        await thief.say("在吗")
        status, data = await chat.send_image("tea", victim.token, picture())
        assert status == 201
        image = data["message"]["image"]
        assert (await chat.image("tea", victim.token, image))[0] == 200
        assert (await chat.image("tea", thief.token, image))[0] == 404
        assert (await chat.image("lamp", victim.token, image))[0] == 404
        assert (await chat.image("tea", "", image))[0] == 401

    async def test_typing_in_one_conversation_is_not_told_in_another(self, chat: ChatServed) -> None:
        one, two = await chat.browser(), await chat.browser()
        await one.hello()
        await two.hello()
        theirs = await conversation_of(chat, one)
        await conversation_of(chat, two)
        chat.services.typing.tell("tea", theirs, Typist("a1", "客服甲"), True)
        await two.send(type="ping")
        assert (await two.socket.receive_json(timeout=5))["type"] in ("pong", "message")

    async def test_the_token_is_stored_nowhere(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        await conversation_of(chat, browser)
        assert browser.token not in repr(vars(chat.store))

    async def test_messages_of_the_program_to_agents_are_not_shown(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        conversation = await conversation_of(chat, browser)
        await chat.conversing.answer("tea", conversation, "转给同事", author="system")
        await chat.conversing.answer("tea", conversation, "稍等", author="auto")
        texts = [each["text"] for each in (await (await chat.browser()).hello(browser.token))["messages"]]
        assert texts == ["在吗", "稍等"]

    async def test_an_automatic_reply_says_so_where_its_shop_wants_that(self, chat: ChatServed) -> None:
        for shop, marked in (("tea", True), ("lamp", False)):
            browser = await chat.browser(shop)
            await browser.hello()
            conversation = await conversation_of(chat, browser, shop)
            await chat.conversing.answer(shop, conversation, "稍等", author="auto")
            bubble = (await browser.hear("message"))["message"]
            while bubble["mine"]:
                bubble = (await browser.hear("message"))["message"]
            again = await (await chat.browser(shop)).hello(browser.token)
            assert (bubble["auto"], again["messages"][-1]["auto"]) == (marked, marked)


class TestBadInput:
    @pytest.mark.parametrize(
        "text", ["<script>alert(1)</script>", "👩‍👩‍👧‍👦🇨🇳", "A" * MAX_MESSAGE_CHARACTERS, "e\u0301" * 300]
    )
    async def test_odd_words_are_kept_as_they_are(self, chat: ChatServed, text: str) -> None:
        browser = await chat.browser()
        await browser.hello()
        assert (await browser.say(text))["text"] == text

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            ({"type": "say", "key": "key-00000001", "text": "长" * (MAX_MESSAGE_CHARACTERS + 1)}, "too_long"),
            ({"type": "say", "key": "key-00000001", "text": " \n\0"}, "empty"),
            ({"type": "say", "key": "key-00000001"}, "empty"),
            ({"type": "say", "key": "short", "text": "在吗"}, "bad_key"),
            ({"type": "say", "text": "在吗"}, "bad_key"),
            ({"type": "dance"}, "unknown_type"),
            ({"type": "earlier", "before": "x"}, "not_found"),
            ({}, "unknown_type"),
        ],
    )
    async def test_a_wrong_message_is_refused_and_the_line_stays(
        self, chat: ChatServed, message: dict[str, object], code: str
    ) -> None:
        browser = await chat.browser()
        await browser.hello()
        await browser.send(**message)
        assert (await browser.hear("error"))["code"] == code
        assert (await browser.say("还在"))["text"] == "还在"

    @pytest.mark.parametrize("raw", ["", "{", "[1]", "[" * 5000, '"x"'])
    async def test_what_is_no_message_is_refused(self, chat: ChatServed, raw: str) -> None:
        browser = await chat.browser()
        await browser.hello()
        await browser.socket.send_str(raw)
        assert (await browser.hear("error"))["code"] == "unknown_type"

    async def test_a_frame_larger_than_any_message_ends_the_line(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        await browser.socket.send_str("x" * 70_000)
        assert await browser.closing() == 1009

    async def test_whoever_speaks_before_hello_is_not_heard(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.send(type="say", text="在吗", key="key-00000001")
        assert (await browser.hear("error"))["code"] == "no_hello"

    async def test_a_page_of_another_site_has_no_line(self, chat: ChatServed) -> None:
        headers = {"Origin": "https://evil.example.com"}
        async with chat.client.get("/chat/tea/live", headers=headers) as response:
            assert response.status == 403
        async with chat.client.post("/chat/tea/images", data=picture(), headers=headers) as response:
            assert response.status == 403

    async def test_who_sends_too_fast_is_told_how_long_to_wait_and_loses_nothing(
        self, chat: ChatServed
    ) -> None:
        browser = await chat.browser()
        await browser.hello()
        for number in range(PACES[MESSAGE_BY_VISITOR].burst):
            await browser.say(f"第{number}句")
        await browser.send(type="say", text="还有一句", key="key-last-one")
        error = await browser.hear("error")
        assert (error["code"], error["key"]) == ("too_fast", "key-last-one")
        assert error["retry_after"] > 0
        chat.clock.moment += timedelta(seconds=error["retry_after"])
        assert (await browser.say("还有一句", key="key-last-one"))["text"] == "还有一句"

    async def test_a_flood_of_typing_does_not_reach_the_shops_pages(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        await conversation_of(chat, browser)
        told: list[object] = []
        chat.services.typing.listen("tea", lambda *what: told.append(what))
        for number in range(500):
            await browser.send(type="typing", on=number % 2 == 0)
        error = await browser.hear("error")
        assert (error["code"], error["retry_after"] > 0) == ("too_fast", True)
        await browser.send(type="ping")
        assert (await browser.hear("error"))["code"] == "too_fast"
        assert len(told) < PACES[FRAME_BY_VISITOR].burst
        chat.clock.moment += timedelta(minutes=2)
        await browser.send(type="ping")
        await browser.hear("pong")

    async def test_an_origin_that_cannot_be_read_is_another_site(self, chat: ChatServed) -> None:
        async with chat.client.get("/chat/tea/live", headers={"Origin": "http://["}) as response:
            assert response.status == 403

    async def test_one_address_cannot_make_buyers_without_end(self, chat: ChatServed) -> None:
        codes = []
        for _ in range(25):
            browser = await chat.browser()
            await browser.hello()
            await browser.send(type="say", text="在吗", key="key-00000001")
            said = await browser.socket.receive_json(timeout=5)
            codes.append(said.get("code", "taken"))
            await browser.socket.close()
        assert codes.count("taken") == 20
        assert codes[-1] == "too_fast"


class TestImages:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
    async def test_an_image_is_a_message_that_its_buyer_can_fetch(self, chat: ChatServed, kind: str) -> None:
        browser = await chat.browser()
        await browser.hello()
        status, data = await chat.send_image("tea", browser.token, picture(kind))
        assert status == 201
        found, media_type, content = await chat.image("tea", browser.token, data["message"]["image"])
        assert found == 200
        assert media_type.startswith("image/")
        assert Image.open(io.BytesIO(content)).size == (40, 30)

    async def test_where_a_photo_was_taken_is_not_kept(self, chat: ChatServed) -> None:
        exif = Image.Exif()
        exif[0x010E] = "secret place"
        browser = await chat.browser()
        await browser.hello()
        _, data = await chat.send_image("tea", browser.token, picture("JPEG", exif=exif.tobytes()))
        content = (await chat.image("tea", browser.token, data["message"]["image"]))[2]
        assert b"secret place" not in content

    @pytest.mark.parametrize(
        "content",
        [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:60], b"GIF89a" + b"\0" * 50],
    )
    async def test_what_is_no_image_is_refused_with_words(self, chat: ChatServed, content: bytes) -> None:
        browser = await chat.browser()
        await browser.hello()
        status, data = await chat.send_image("tea", browser.token, content)
        assert status == 422
        assert "图片" in data["error"]["message"]
        assert (await (await chat.browser()).hello(browser.token))["messages"] == []

    async def test_an_image_that_is_too_large_is_refused(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        status, data = await chat.send_image("tea", browser.token, b"\0" * (MAX_IMAGE_BYTES + 1))
        assert status == 413
        assert "5 MB" in data["error"]["message"]

    async def test_the_same_key_makes_one_message(self, chat: ChatServed) -> None:
        browser = await chat.browser()
        await browser.hello()
        one = await chat.send_image("tea", browser.token, picture())
        two = await chat.send_image("tea", browser.token, picture())
        assert one == two
