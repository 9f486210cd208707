"""The words of the pages: whatever a page says is there in both languages, and nothing is kept that no page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.domain.account import ROLES
from bot.domain.asked import Why
from bot.domain.entry import STATUSES
from bot.domain.variables import VARIABLES
from bot.services.entry_finding import ENDINGS
from bot.settings import PROJECT_ROOT
from bot.web.owner_pages import OwnerPage, page_words
from bot.web.owner_sections import OWNER_PAGES
from bot.web.texts_accounts import account_texts

WEB = PROJECT_ROOT / "bot/web"
EVERY_PAGE = pytest.mark.parametrize("page", OWNER_PAGES, ids=lambda page: page.key)
VARIABLE_NAMES = {name for each in VARIABLES for name in (each.name, each.zh)}
VERDICTS = {"new", "changed", "same"}
TOLD_BY_NAME = {
    "entries": {
        *STATUSES,
        *ENDINGS,
        "edited",
        "review",
        "unused",
        "unsure",
        "forbidden",
        "contact",
        "foreign",
    },
    "asked": {*Why},
    "import": {*VERDICTS, "wrong", "removed"},
    "facts": {*VERDICTS, "products", "stock", "shipping", "facts", "orders", "minutes", "hours", "days"},
    "sources": {"off", "bad", "silent", "good", "waiting"},
    "settings": {*ROLES},
    "usage": {"taken", "edited", "auto", "offered", "sent", "draft", "archived"},
    "learning": {"draft", "archived"},
}
"""Words whose names come from an answer or a list: `words[name]`."""


def template_of(name: str) -> str:
    """Return the template with all that it includes."""
    text = (WEB / "pages" / name).read_text(encoding="utf-8")
    return text + "".join(template_of(part) for part in re.findall(r'include "([^"]+)"', text))


def scripts_of(entry: Path, found: dict[Path, str]) -> dict[Path, str]:
    """Return the script and all that it imports."""
    if entry not in found:
        found[entry] = entry.read_text(encoding="utf-8")
        for part in re.findall(r'from "(\.[^"]+)"', found[entry]):
            scripts_of((entry.parent / part).resolve(), found)
    return found


def source_of(key: str) -> str:
    """Return all that can say words: the page's template and scripts."""
    template = template_of(f"{key}.html")
    entry = re.search(r'script = "([^"]+)"', template)
    assert entry is not None
    return "\n".join([template, *scripts_of(WEB / "static" / entry[1], {}).values()])


def words_in(source: str) -> set[str]:
    """Return the words that are asked for by their whole names."""
    return set(re.findall(r"(?<![\w.])(?:words|texts)\.(\w+)\b(?!\()", source))


def beginnings_in(source: str) -> tuple[str, ...]:
    """Return the beginnings of words that are built: words[`group_${…}`], texts["group_" ~ …]."""
    found = re.findall(r"""words\[`(\w+_)\$\{|texts\[["'](\w+_)["'] ~""", source)
    return tuple(one or other for one, other in found)


def places_in(text: str) -> set[str]:
    """Return the names of what a page puts into the text; a variable of an entry is only spoken about."""
    return set(re.findall(r"\{(\w+)\}", text)) - VARIABLE_NAMES


@EVERY_PAGE
def test_both_languages_have_the_same_words_with_the_same_places(page: OwnerPage) -> None:
    chinese, english = page_words(page, "zh"), page_words(page, "en")
    assert chinese.keys() == english.keys()
    for name, text in chinese.items():
        assert places_in(text) == places_in(english[name]), name


@EVERY_PAGE
def test_every_word_that_is_asked_for_is_there_and_none_is_left_over(page: OwnerPage) -> None:
    source, words = source_of(page.key), page_words(page, "zh")
    asked = words_in(source) | TOLD_BY_NAME.get(page.key, set())
    assert asked <= words.keys()
    built = beginnings_in(source)
    assert all(any(word.startswith(start) for word in words) for start in built)
    assert not {word for word in page.words["zh"].keys() - asked - {"nav"} if not word.startswith(built)}


def test_the_pages_of_accounts_have_a_word_for_all_they_say_and_none_is_left_over() -> None:
    chinese, english = account_texts("zh", ""), account_texts("en", "")
    assert chinese.keys() == english.keys()
    source = "\n".join(source_of(key) for key in ("login", "account", "team"))
    asked = words_in(source) | {*ROLES}
    assert asked <= chinese.keys()
    assert not {word for word in chinese.keys() - asked if not word.startswith(beginnings_in(source))}
