"""The page /workspace: a shell without a shop's words, small, in two languages, and its scripts held to their rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.domain.auto_reply import Deed, Reason
from bot.domain.intents import GROUPS
from bot.web.texts_workspace import workspace_texts
from tests.web.memory_app import WORDS, Served
from tests.web.people import Person, hire

STATIC = Path("bot/web/static")
PAGE = Path("bot/web/pages/workspace.html")
MODULES = sorted((STATIC / "workspace").glob("*.js"))
LATER = sorted((STATIC / "workspace" / "later").glob("*.js"))
"""Loaded when first used: not part of the first load, held to the same rules."""
SHEETS = sorted((STATIC / "workspace").glob("*.css"))
FIRST_LOAD = 150 * 1000
BUILT = {
    "filter_": ("mine", "waiting", "unassigned", "all", "aside"),
    "empty_": ("mine", "waiting", "unassigned", "all", "aside"),
    "presence_": ("online", "pause", "away"),
    "classifier_": ("warming", "down"),
    "card_": ("courier", "dispatch", "invoice", "address"),
    "order_": ("unpaid", "paid", "shipped", "delivered", "closed", "refunding"),
    "group_": GROUPS,
    "why_": tuple(Reason),
    "deed_": tuple(Deed),
    "delivery_": ("waiting", "dead", "expired"),
    "finding_": ("name", "title", "item", "link", "phone", "code", "sentence", "order", "forbidden", "contact", "paste"),
}  # fmt: skip
"""Keys that scripts put together."""


async def page_of(person: Person, lang: str = "") -> tuple[int, str]:
    headers = {"Cookie": f"kuaihui_session={person.secret}"}
    address = f"/workspace?lang={lang}" if lang else "/workspace"
    async with person.served.client.get(address, headers=headers) as response:
        return response.status, await response.text()


async def test_who_is_not_signed_in_is_led_to_the_login_and_back(served: Served) -> None:
    async with served.client.get("/workspace", allow_redirects=False) as response:
        assert response.status in (302, 303)
        assert response.headers["Location"] == "/login?next=%2Fworkspace"


async def test_the_page_holds_nothing_of_any_shop(served: Served) -> None:
    person = await hire(served, {"tea": "agent", "lamp": "owner"})
    status, text = await page_of(person)
    assert status == 200
    assert not [word for word in WORDS.values() if word in text]
    assert person.csrf not in text


async def test_the_page_is_never_kept_and_runs_no_script_but_its_own(served: Served) -> None:
    person = await hire(served, {"tea": "agent"})
    headers = {"Cookie": f"kuaihui_session={person.secret}"}
    async with served.client.get("/workspace", headers=headers) as response:
        text = await response.text()
        assert response.headers["Cache-Control"] == "no-store"
        assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert all('src="/static/' in tag for tag in re.findall(r"<script[^>]*>", text))
    assert not re.findall(r"<style|<[a-z]+[^>]*\s(?:style|on\w+)=", text)


@pytest.mark.parametrize(("lang", "word"), [("zh", "快捷短语"), ("en", "Quick phrases")])
async def test_the_page_speaks_both_languages(served: Served, lang: str, word: str) -> None:
    _, text = await page_of(await hire(served, {"tea": "agent"}), lang)
    assert word in text


async def test_every_file_that_the_page_names_is_served(served: Served) -> None:
    _, text = await page_of(await hire(served, {"tea": "agent"}))
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
    assert {f"/static/workspace/{path.name}" for path in (*MODULES, *SHEETS)} <= named
    for address in named:
        async with served.client.get(address) as response:
            assert response.status == 200, address


def test_both_languages_have_the_same_words() -> None:
    chinese, english = workspace_texts("zh", "zh"), workspace_texts("en", "zh")
    assert chinese.keys() == english.keys()
    for key, text in chinese.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key])), key


def test_every_word_that_scripts_ask_for_is_there_and_none_is_left_over() -> None:
    texts = workspace_texts("zh", "zh")
    source = "\n".join(path.read_text(encoding="utf-8") for path in (*MODULES, *LATER))
    asked = set(re.findall(r'\bt\("(\w+)"', source))
    asked |= {start + end for start, ends in BUILT.items() for end in ends}
    assert not asked - texts.keys()
    shown = set(re.findall(r"texts\.(\w+)", PAGE.read_text(encoding="utf-8")))
    named = set(re.findall(r'"(\w+)"', source))
    own = {"lang", "html_lang", "other_name", *(key for key in texts if key.startswith("channel_"))}
    assert not texts.keys() - asked - shown - named - own


def test_scripts_write_text_never_markup_and_keep_nothing_in_the_browser() -> None:
    for path in (*MODULES, *LATER):
        source = path.read_text(encoding="utf-8")
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert forbidden not in source, path
        for kept in ("localStorage", "sessionStorage", "indexedDB", "caches.", "document.cookie"):
            assert kept not in source, path


def test_all_scripts_and_sheets_of_the_page_stay_small() -> None:
    files = [*MODULES, *SHEETS, STATIC / "shared" / "base.css", STATIC / "shared" / "theme.js"]
    assert sum(path.stat().st_size for path in files) < FIRST_LOAD
