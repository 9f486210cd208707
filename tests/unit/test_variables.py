"""Each variable has one Chinese and one English name, and they are nobody else's."""

from __future__ import annotations

import re

import pytest

from bot.domain.variables import PRODUCT_ATTRIBUTES, VARIABLE_BY_NAME, VARIABLES, Variable


def test_no_name_stands_twice() -> None:
    assert len(VARIABLE_BY_NAME) == 2 * len(VARIABLES)


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_a_variable_is_named_so_that_templates_can_hold_it(variable: Variable) -> None:
    assert re.fullmatch(r"[a-z_]+", variable.name)
    assert re.fullmatch(r"[\u4e00-\u9fff]+", variable.zh)
    assert variable.source in ("shop", "product", "variant", "region", "order")
    assert variable.about


def test_product_attributes_are_variables_about_products() -> None:
    assert {VARIABLE_BY_NAME[name].source for name in PRODUCT_ATTRIBUTES} == {"product"}
