"""kuaihui evaluate shop: a demo shop examined with the real model and index, without a server and beside one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.integration.installations import LIFE, SELECT, Installation, Server

_TABLE_HEAD = "id,group,question,phrasings,reply\n"
_TWINS = """a,stock,还有货吗,有没有货|现在有货吗,有的
b,stock,还有货吗,有没有货|现在有货吗,没有
c,invoice,能开发票吗,发票能开吗|可以开票不,能开
"""


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


@pytest.fixture(scope="module")
def report(still: Installation, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the command says of a demo shop that nobody serves."""
    pictures = tmp_path_factory.mktemp("pictures") / "new" / "folder"
    outcome = still.call(
        "evaluate", "shop", "--shop", LIFE, "--no-classifier", "--json", "--pictures", pictures
    )
    assert outcome.status == 0, outcome.err
    return outcome.row


def test_a_demo_shop_is_asked_all_of_its_phrasings(report: Any) -> None:
    assert (report["shop"], report["classifier"]) == (LIFE, "none")
    assert report["quality"]["questions"] > 400
    assert report["among_three"] / report["quality"]["questions"] > 0.9
    assert [part["precision"] for part in report["quality"]["coverage"]] == [0.9, 0.95, 0.98]
    assert all(part["low"] <= part["share"] <= part["high"] for part in report["quality"]["coverage"])
    assert all(math.isfinite(number) for number in numbers(report))


def test_findings_name_entries_of_this_shop(report: Any) -> None:
    known = set(report["questions"])
    assert report["stealing"]
    for theft in report["stealing"]:
        assert {theft["entry"], theft["thief"]} <= known
        assert 1 <= len(theft["examples"]) <= 2
    assert all(harm["repaired"] > harm["broken"] and harm["entry"] in known for harm in report["harms"])
    assert not report["twins"]


def test_both_pictures_are_written(report: Any) -> None:
    paths = [Path(path) for path in report["pictures"]]
    assert [path.name for path in paths] == [f"{LIFE}-reliability.svg", f"{LIFE}-coverage.svg"]
    for path in paths:
        assert "云朵生活馆" in "".join(ElementTree.parse(path).getroot().itertext())
        assert path.stat().st_size < 300_000


def test_the_oddest_shops_are_told_what_they_lack(still: Installation, tmp_path: Path) -> None:
    pack = tmp_path / "odd.yml"
    pack.write_text("kuaihui: 1\nshop: {id: odd, name: 怪店}\nentries: []\n", encoding="utf-8")
    assert still.call("shop-load", pack).status == 0
    asked = ("evaluate", "shop", "--shop", "odd", "--no-classifier")
    empty = still.call(*asked, "--pictures", tmp_path)
    assert empty.status == 0, empty.err
    assert "没有可用的条目" in empty.out
    assert "没有画图" in empty.err
    table = tmp_path / "entries.csv"
    table.write_text(_TABLE_HEAD + _TWINS, encoding="utf-8")
    assert still.call("import", table, "--shop", "odd").status == 0
    row = still.call(*asked, "--json").row
    assert [(pair["first"], pair["second"], pair["kind"]) for pair in row["twins"]] == [
        ("a", "b", "identical")
    ]
    assert "删去一条" in still.call(*asked).out


def test_what_cannot_be_done_is_said_before_the_work_begins(still: Installation, tmp_path: Path) -> None:
    still.call("evaluate", "shop", "--shop", "nowhere").refused("nowhere")
    still.call("evaluate", "shop", "--shop", "No Such").refused("not a shop id")
    file = tmp_path / "file"
    file.touch()
    still.call("evaluate", "shop", "--shop", LIFE, "--pictures", file).refused("is a file")


def test_beside_a_running_server_the_classifier_takes_part_and_vain_messages_are_listed(
    ready: Server,
) -> None:
    question = "你们董事长属什么生肖呀"
    assert ready.suggest(SELECT, question)[0] == 200
    outcome = ready.installation.call("evaluate", "shop", "--shop", SELECT)
    assert outcome.status == 0, outcome.err
    assert "有意图识别 with intents" in outcome.out
    assert "100 个常见问题里" in outcome.out
    assert "nan" not in outcome.out
