"""docs/templates.md says what the code does."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.domain.entry import CASES, LOW_STOCK, MAX_PHRASING, MAX_PHRASINGS, MAX_REPLY, STATUSES
from bot.domain.facts import ORDER_STATUSES, TIME_TO_LIVE
from bot.domain.intents import GROUPS, INTENT_GROUP
from bot.domain.template import parse_template
from bot.domain.variables import PRODUCT_ATTRIBUTES, VARIABLES
from bot.services.document_fields import Document
from bot.services.documents import (
    EntryDocument,
    OrderDocument,
    ProductDocument,
    ShippingDocument,
    ShopDocument,
    ValidityDocument,
    VariantDocument,
)
from bot.services.importing import import_entries
from bot.services.packs import PackDocument, StarterDocument
from bot.services.tables import COLUMN_NAMES, COLUMNS
from bot.services.yaml_reading import read_yaml
from bot.settings import PROJECT_ROOT
from tests.unit.fakes.counter import Counter, texts

PAGE = (PROJECT_ROOT / "docs/templates.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def table(header: str) -> list[tuple[str, ...]]:
    """Return the rows of the table with that header, without code marks."""
    start = PAGE.index(f"| {header} |\n")
    lines = PAGE[start:].split("\n\n", 1)[0].splitlines()[2:]
    return [
        tuple(
            cell.strip().replace("`", "").replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]
        )
        for line in lines
    ]


def test_the_variables_are_listed_as_they_are() -> None:
    assert table("中文 | English | from | kind | what it is") == [
        (f"{{{v.zh}}}", f"{{{v.name}}}", v.source, v.kind, v.about) for v in VARIABLES
    ]


def test_the_times_to_live_are_listed_as_they_are() -> None:
    units = {"hours": timedelta(hours=1), "days": timedelta(days=1)}
    listed = {
        kind: int(life.split()[0]) * units[life.split()[1]]
        for kind, life in table("kind of fact | fresh for")
    }
    assert listed == TIME_TO_LIVE


def test_the_cases_are_listed_as_they_are() -> None:
    listed: dict[str, list[str]] = {}
    for family, case, _ in table("family | case | holds when"):
        listed.setdefault(family, []).append(case)
    assert listed.pop("any") == ["unknown"]
    assert {family: (*cases, "unknown") for family, cases in listed.items()} == dict(CASES)
    assert f"1 to {LOW_STOCK} pieces" in PAGE


def test_the_groups_and_intents_are_listed_as_they_are() -> None:
    listed = {group: intents.split(", ") for group, intents in table("group | intents")}
    assert list(listed) == list(GROUPS)
    assert {intent: group for group, intents in listed.items() for intent in intents} == dict(INTENT_GROUP)


def test_the_columns_are_listed_as_they_are() -> None:
    rows = table("column | also called | what it holds")
    assert [column for column, _, _ in rows] == list(COLUMNS)
    assert {name: column for column, names, _ in rows for name in names.split("、") if name} == COLUMN_NAMES


@pytest.mark.parametrize(
    ("where", "document"),
    [
        ("shop", ShopDocument),
        ("pack", StarterDocument),
        ("shipping", ShippingDocument),
        ("products", ProductDocument),
        ("variants", VariantDocument),
        ("orders", OrderDocument),
        ("entries", EntryDocument),
    ],
)
def test_the_fields_are_listed_as_they_are(where: str, document: type[Document]) -> None:
    listed = [field for part, field, _ in table("where | field | what it is") if part == where]
    assert listed == list(document.model_fields)


def test_the_parts_of_a_pack_and_the_closed_lists_are_named() -> None:
    for name in (
        *PackDocument.model_fields,
        *ValidityDocument.model_fields,
        *PRODUCT_ATTRIBUTES,
        *ORDER_STATUSES,
        *STATUSES,
    ):
        assert f"`{name}`" in PAGE
    for limit in (MAX_REPLY, MAX_PHRASINGS, MAX_PHRASING):
        assert str(limit) in PAGE


async def test_the_shop_of_the_page_answers_as_the_page_says() -> None:
    counter = Counter()
    counter.classifier.available = False
    shop = await counter.open_shop(EXAMPLES[0])
    for message, reply in table("the buyer | the reply"):
        assert texts(await counter.ask(shop, message))[0] == reply


async def test_the_shop_of_the_page_takes_the_starter_packs_as_the_page_says() -> None:
    counter = Counter()
    shop = await counter.open_shop(EXAMPLES[0])
    for path in re.findall(r"import --shop tea-house (templates/\S+)", PAGE):
        report = await import_entries(counter.editor, shop, content(path), path)
        assert report.errors == ()


def content(path: str) -> bytes:
    return (PROJECT_ROOT / path).read_bytes()


def test_the_other_examples_are_right() -> None:
    for example in EXAMPLES[1:]:
        ValidityDocument.model_validate(read_yaml(example.encode()).data["validity"])
    for written, _ in table("written | means")[:3]:
        for template in written.split(" or "):
            assert parse_template(template).slots


def test_every_starter_pack_is_listed() -> None:
    listed = {path for path, _ in table("pack | for")}
    assert listed == {
        f"templates/starter/{path.name}" for path in (PROJECT_ROOT / "templates/starter").glob("*.yml")
    }


@pytest.mark.parametrize("anchor", re.findall(r"\]\(#([^)]+)\)", PAGE))
def test_links_within_the_page_lead_somewhere(anchor: str) -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    assert anchor in headings
