"""Request bodies of the owner's page of entries."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from bot.domain.conversation import MAX_HISTORY_TURNS, Turn
from bot.domain.entry import MAX_PHRASING, MAX_PHRASINGS, Entry, Scope, Validity
from bot.domain.intents import GROUPS
from bot.services.document_fields import TemplateText
from bot.services.documents import Loading, PhraseDocument, ScopeDocument, ValidityDocument, check_cases
from bot.services.entry_previewing import About
from bot.services.moments import InvalidMoment
from bot.services.suggesting import SuggestionRequest
from bot.web.bodies import Body, Reference, TurnBody, message_text


class DraftTexts(Body):
    """An entry's texts while they are written; what else the entry has is passed over."""

    model_config = ConfigDict(extra="ignore")

    group: str = "other"
    reply: TemplateText = ""
    cases: dict[str, TemplateText] = {}
    fallback: TemplateText = ""
    language: str = "zh"

    @model_validator(mode="after")
    def _check(self) -> DraftTexts:
        if self.group not in GROUPS:
            raise ValueError(f"group: one of {', '.join(GROUPS)}")
        if self.language not in ("zh", "en"):
            raise ValueError("language: zh or en")
        check_cases(self.cases)
        return self

    def to_entry(self) -> Entry:
        """Return an entry that has these texts and nothing else."""
        return Entry("draft", self.group, "", self.reply, cases=self.cases, fallback=self.fallback,
                     language=self.language)  # fmt: skip


class DraftEntry(DraftTexts):
    """An entry while it is written: whatever of it is there."""

    id: Annotated[str, Field(max_length=80)] = ""
    intent: str | None = None
    question: Annotated[str, Field(max_length=MAX_PHRASING)] = ""
    phrasings: Annotated[
        list[Annotated[str, Field(max_length=MAX_PHRASING)]], Field(max_length=MAX_PHRASINGS)
    ] = []
    scope: ScopeDocument = ScopeDocument()
    validity: ValidityDocument = ValidityDocument()

    def to_whole(self, loading: Loading) -> Entry:
        """Return the entry as far as it is written; an end before the beginning is not yet one."""
        try:
            validity = self.validity.to_validity(loading)
        except InvalidMoment:
            validity = Validity()
        scope = Scope(tuple(self.scope.products), tuple(self.scope.categories))
        return replace(
            self.to_entry(), id=self.id, intent=self.intent, question=self.question.strip(), scope=scope,
            phrasings=tuple(filter(None, map(str.strip, self.phrasings))), validity=validity,
        )  # fmt: skip


class WarningsBody(Body):
    """An entry that need not be saved, nor be complete."""

    entry: DraftEntry


class PreviewBody(Body):
    """An entry's texts, and what the buyer is taken to speak about."""

    entry: DraftTexts
    product: Reference = ""
    sku: Reference = ""
    order: Reference = ""
    region: Reference = ""

    def about(self) -> About:
        """Return what the buyer is taken to speak about."""
        return About(self.product, self.sku, self.order, self.region)


class TrialBody(Body):
    """A message to try, with what came before it; `entry` is an edit that nobody has saved."""

    text: Annotated[str, BeforeValidator(message_text)]
    history: Annotated[list[TurnBody], Field(max_length=MAX_HISTORY_TURNS)] = []
    viewed: Reference = ""
    entry: PhraseDocument | None = None

    def to_request(self, shop: str) -> SuggestionRequest:
        """Return the request for the shop."""
        history = tuple(Turn(turn.role, turn.text) for turn in self.history)
        return SuggestionRequest(shop, self.text, history, viewed=self.viewed)
