"""Whether only a person may settle what a buyer says, whatever entry fits."""

from __future__ import annotations

from bot.domain.demands import asks_quote, tells_to_act
from bot.domain.grievances import reports_harm
from bot.domain.invoice_turns import only_asks_for_one
from bot.domain.parcel_words import only_looks_up
from bot.domain.thresholds import ONLY_PERSON


def needs_person(text: str, chance: float | None) -> bool:
    """Whether sure words say so, or the classifier's reader does; `chance` is that reader's, None without it.

    Numbers are strange to the reader: where an order is named to be looked up, or what an invoice needs is told, it is not heard.
    """
    is_read_so = chance is not None and chance >= ONLY_PERSON
    is_read_so = is_read_so and not only_looks_up(text) and not only_asks_for_one(text)
    return is_read_so or tells_to_act(text) or asks_quote(text) or reports_harm(text)
