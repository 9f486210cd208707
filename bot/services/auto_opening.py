"""Which dialogue a buyer's message begins: by what it was read as, or by words and names that leave no doubt."""

from __future__ import annotations

from typing import Final

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.catalogue import Catalogue
from bot.domain.channels import verified_id
from bot.domain.dialogue_openings import opening_group
from bot.domain.invoice_wishes import asks_needs, wants_one
from bot.domain.suggestion import SuggestionResult
from bot.domain.text import read_message
from bot.domain.topic_words import asks_for_parcel, asks_for_stock, asks_of_product
from bot.services.auto_gathering import Gathered
from bot.services.auto_merging import Opening
from bot.services.stock_talk import names_variant

_STOCK: Final = "stock"
_PARCELS: Final = "logistics"
_INVOICE: Final = "invoice"


def opening_of(
    gathered: Gathered, catalogue: Catalogue, result: SuggestionResult, policy: AutoReplyPolicy
) -> Opening:
    """Return the dialogue that the message begins; one of no group begins none.

    Beside what the classifier is sure of: an order's number that comes alone, and what a buyer whom his channel vouches for
    says of a parcel; what asks for something of this shop by its name, which no classifier knows; the wish for an invoice.
    """
    questions = len(result.suggestions[0].parts) if result.suggestions else 1
    opening = Opening(*opening_group(result.intents, questions, policy))
    if opening.group:
        return opening
    surely = {
        _PARCELS: _speaks_of_parcel(gathered),
        _STOCK: _names_stock(gathered, catalogue),
        _INVOICE: wants_one(gathered.text) or (_follows(gathered, _INVOICE) and asks_needs(gathered.text)),
    }
    group = next((group for group, is_sure in surely.items() if is_sure and group in policy.automatic), "")
    return Opening(group, 1.0) if group else opening


def _speaks_of_parcel(gathered: Gathered) -> bool:
    is_known = bool(verified_id(gathered.conversation.buyer))
    return bool(read_message(gathered.text).numbers) or (is_known and asks_for_parcel(gathered.text))


def _names_stock(gathered: Gathered, catalogue: Catalogue) -> bool:
    """Whether the buyer asks for something of the shop by its name, or names another variant after such a question.

    What something costs and comes in is asked of the product that he looks at.
    """
    if gathered.conversation.buyer.viewed and asks_of_product(gathered.text):
        return True
    named = catalogue.find(gathered.text)
    if asks_for_stock(gathered.text):
        return bool(named.products or named.options)
    return names_variant(named, gathered.text, follows=_follows(gathered, _STOCK))


def _follows(gathered: Gathered, group: str) -> bool:
    """Whether the answer before this was of the group."""
    decisions = gathered.visit.decisions
    return bool(decisions) and group in decisions[-1].groups
