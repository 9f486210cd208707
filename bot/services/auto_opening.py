"""Which dialogue a buyer's message begins: by what it was read as, or by words and names that leave no doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.catalogue import Catalogue, Mention
from bot.domain.channels import verified_id
from bot.domain.dialogue_openings import opening_group
from bot.domain.facts import Product
from bot.domain.giving_up import has_decided
from bot.domain.intents import group_confidence
from bot.domain.invoice_reading import read_details, says_wrong
from bot.domain.invoice_wishes import asks_needs, speaks_of_one, wants_one
from bot.domain.invoices import Field
from bot.domain.parcel_words import asks_of_parcel, is_surely_of_parcel, names_order
from bot.domain.remarks import asks_for_nothing
from bot.domain.stock_choice import read_loosely, without_denied
from bot.domain.suggestion import SuggestionResult
from bot.domain.text import read_message, split_questions
from bot.domain.topic_words import (
    asks_for_parcel,
    asks_for_stock,
    asks_of_product,
    asks_something_else,
    asks_when_back,
)
from bot.services.auto_gathering import Gathered
from bot.services.auto_merging import Opening
from bot.services.context import is_fragment
from bot.services.stock_talk import asks_of_kind, names_variant

_STOCK: Final = "stock"
_SHIPPING: Final = "shipping"
_PARCELS: Final = "logistics"
_INVOICE: Final = "invoice"
_OF_GOODS: Final = frozenset({_STOCK, "price_promo", "other", "greeting_thanks"})
_HALF: Final = 0.5


def opening_of(
    gathered: Gathered, catalogue: Catalogue, result: SuggestionResult, policy: AutoReplyPolicy
) -> Opening:
    """Return the dialogue that the message begins; one of no group begins none.

    Beside what the classifier is sure of: an order's number that comes alone, and what a buyer whom his channel vouches for
    says of a parcel; what asks for something of this shop by its name, which no classifier knows; the wish for an invoice.
    """
    if has_decided(gathered.text):
        return Opening()  # he asks nothing, whatever he was told before it
    if _PARCELS in policy.automatic and names_order(gathered.text) and not _names_item(gathered, catalogue):
        return Opening(_PARCELS, 1.0)
    if _STOCK in policy.automatic and _follows(gathered, _STOCK) and asks_when_back(gathered.text):
        return Opening(_STOCK, 1.0)
    questions = len(result.suggestions[0].parts) if result.suggestions else 1
    opening = Opening(*opening_group(result.intents, questions, policy))
    if opening.group == _SHIPPING and _STOCK in policy.automatic:
        # How parcels are sent the entries tell as well; what is there nobody else does.
        pieces = [replace(gathered, text=piece) for piece in split_questions(gathered.text)]
        if len(pieces) > 1 and any(
            _names_stock(piece, catalogue, replace(result, intents=())) for piece in pieces
        ):
            return Opening(_STOCK, 1.0)
    if opening.group:
        return opening
    if _STOCK in policy.automatic and _asks_for_variant(gathered, catalogue):
        return Opening(_STOCK, 1.0)
    surely = {
        _PARCELS: _speaks_of_parcel(gathered),
        _STOCK: _names_stock(gathered, catalogue, result),
        _INVOICE: _speaks_of_invoice(gathered),
    }
    group = next((group for group, is_sure in surely.items() if is_sure and group in policy.automatic), "")
    return Opening(group, 1.0) if group else opening


def names_only_variant(gathered: Gathered, catalogue: Catalogue) -> bool:
    """Whether the buyer names a variant and says nothing else, or no more than whether he can get it."""
    named = catalogue.find(gathered.text)
    gets = bool(named.options) and asks_for_stock(gathered.text) and not asks_something_else(gathered.text)
    return gets or names_variant(named, gathered.text, follows=_follows(gathered, _STOCK))


def _speaks_of_parcel(gathered: Gathered) -> bool:
    """Whether the message may be about an order of his: the dialogue, which sees his orders, has the last word."""
    text = gathered.text
    if read_message(text).numbers or is_surely_of_parcel(text):
        return True
    if verified_id(gathered.conversation.buyer):
        return asks_for_parcel(text) or bool(asks_of_parcel(text))
    return bool(asks_of_parcel(text)) and any(_follows(gathered, group) for group in (_PARCELS, _SHIPPING))


def _speaks_of_invoice(gathered: Gathered) -> bool:
    """Whether the buyer wants an invoice or gives what one needs: a tax number is nothing else's; after an answer about
    invoices so is a heading or what was wrong with one.
    """
    text = gathered.text
    if wants_one(text):
        return True
    told = read_details(text).values
    if Field.TAX_NUMBER in told or (speaks_of_one(text) and Field.HEADING in told):
        return True
    return _follows(gathered, _INVOICE) and (
        asks_needs(text) or Field.HEADING in told or (says_wrong(text) and bool(told))
    )


def _names_stock(gathered: Gathered, catalogue: Catalogue, result: SuggestionResult) -> bool:
    """Whether the buyer asks for something of the shop by its name, or names another variant after such a question.

    What something costs and comes in is asked of the product that he looks at. A variant that is named where no other topic is
    spoken of, by words or for all that the classifier knows, is asked for.
    """
    viewed = _viewed(gathered, catalogue)
    if viewed and asks_of_product(gathered.text):
        return True
    text, follows = gathered.text, _follows(gathered, _STOCK)
    named, products = _named(text, catalogue, viewed)
    if asks_for_stock(text):
        is_read_so = group_confidence(result.intents, _STOCK) >= _HALF
        return bool(named.products or named.options or viewed or follows or is_read_so)
    if names_variant(named, text, follows=follows):
        return True
    is_of_one = bool(named.products or viewed) or (len(products) == 1 and len(named.options) > 1)
    if is_fragment(text, named) and (not is_of_one or gathered.visit.decisions):
        return False  # it leans on what was asked before
    if follows and named.options and not asks_something_else(text) and not asks_for_nothing(text):
        return True
    return _is_open(result) and asks_of_kind(text, named)


def _named(text: str, catalogue: Catalogue, viewed: list[Product]) -> tuple[Mention, list[Product]]:
    """Return what the text names, short names of kinds too where the product is one, and the products that it may be of."""
    named = catalogue.find(text)
    products = catalogue.products_of(named) or viewed
    if not products and named.options:
        products = list({product.id: product for product, _ in catalogue.matching_variants(named)}.values())
    if len(products) == 1:
        short = read_loosely(products[0], without_denied(catalogue, text), named.options)
        named = replace(named, options={**named.options, **short})
    return named, products


def _asks_for_variant(gathered: Gathered, catalogue: Catalogue) -> bool:
    """Whether it is surely a variant that he asks for, though parcels are asked for in the same words: 「M码拿得到不」."""
    named = catalogue.find(gathered.text)
    return bool(named.options) and (asks_for_stock(gathered.text) or _names_item(gathered, catalogue))


def _names_item(gathered: Gathered, catalogue: Catalogue) -> bool:
    return bool(catalogue.find("", read_message(gathered.text).item_ids).products)


def _viewed(gathered: Gathered, catalogue: Catalogue) -> list[Product]:
    viewed = gathered.conversation.buyer.viewed
    return catalogue.products_of(Mention((viewed, *catalogue.find("", [viewed]).products))) if viewed else []


def _is_open(result: SuggestionResult) -> bool:
    """Whether the classifier takes the message for nothing that has not to do with goods."""
    groups = {each.group for each in result.intents} - _OF_GOODS
    return all(group_confidence(result.intents, group) < _HALF for group in groups)


def _follows(gathered: Gathered, group: str) -> bool:
    """Whether the answer before this was of the group."""
    decisions = gathered.visit.decisions
    return bool(decisions) and group in decisions[-1].groups
