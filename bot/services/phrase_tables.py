"""Tables of ready phrases out of other tools, such as 千牛: 分组, 快捷编码, 快捷短语, and no buyer's question.

What such a row does not say is guessed from its words, and told as a guess; what people later gave its entry (a question,
phrasings) is kept when the table is imported again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from bot.domain.entry import Entry
from bot.domain.phrase_reading import group_named, guess_topic, language_of_reply
from bot.services.documents import EntryDocument

GUESSED = ("group", "intent")
"""What a row may leave to be guessed."""


NO_QUESTION: Final = "（无）"
"""Stands in files where an entry has no question: an empty cell is a slip."""


def phrase_id(cells: Mapping[str, str]) -> str:
    """Return an id made of the code, else of the text: importing the same table again meets the same entries."""
    code = cells.get("short_code", "").lower()
    told = f"code {code}" if code else f"text {cells.get('reply', '')}"
    return "p-" + hashlib.sha256(told.encode()).hexdigest()[:12]


def complete_phrase(cells: Mapping[str, str], document: dict[str, Any]) -> tuple[str, ...]:
    """Fill in what the row's document lacks, and return what of that is a guess: some of GUESSED."""
    reply = cells.get("reply", "")
    named = group_named(cells.get("group", ""))
    document.setdefault("language", language_of_reply(reply))
    if "intent" in cells:
        document["group"] = named or document["group"]
        return ()
    document["group"], document["intent"] = guess_topic(reply, named)
    guessed = ("intent",) if document["intent"] else ()
    return guessed if named else ("group", *guessed)


def keep_phrasings(document: EntryDocument, known: Entry | None) -> EntryDocument:
    """Return the document with the question, phrasings, intent and image that its entry has been given in the meantime."""
    if known is None:
        return document
    kept: dict[str, Any] = {} if document.image else {"image": known.image}
    if document.question or document.phrasings or not known.all_phrasings:
        return document.model_copy(update=kept)
    kept |= {
        "question": known.question,
        "phrasings": list(known.phrasings),
        "group": known.group,
        "intent": known.intent,
    }
    return document.model_copy(update=kept)
