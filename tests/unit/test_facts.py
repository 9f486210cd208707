"""Facts know how long they hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.facts import TIME_TO_LIVE, Fact, Variant
from bot.domain.variables import VARIABLES
from tests.unit.fakes.counter import NOW


@pytest.mark.parametrize("kind", sorted(TIME_TO_LIVE))
def test_a_fact_is_fresh_for_the_time_of_its_kind(kind: str) -> None:
    fact = Fact("x", "y", kind, "sheet", NOW)
    assert not fact.is_stale(NOW + TIME_TO_LIVE[kind])
    assert fact.is_stale(NOW + TIME_TO_LIVE[kind] + timedelta(seconds=1))


def test_a_shop_may_set_its_own_time() -> None:
    assert Fact("x", "y", "stock", "sheet", NOW, timedelta(minutes=1)).is_stale(NOW + timedelta(minutes=2))


def test_every_kind_of_variable_has_a_time_to_live() -> None:
    assert {variable.kind for variable in VARIABLES} <= set(TIME_TO_LIVE)


def test_a_variant_is_called_by_its_options() -> None:
    assert Variant("s", {"colour": "黑色", "size": "L"}).label == "黑色 L"
