"""Routes of what buyers asked in vain: its groups, what is ignored of it, and phrasings from use."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import AfterValidator, BeforeValidator, Field

from bot.domain.account import Right
from bot.domain.asked import SetAside, Why
from bot.domain.entry import MAX_PHRASING
from bot.domain.phrase_reading import title_of
from bot.services.asked_desk import AskedDesk, Desk
from bot.services.asked_in_vain import Group
from bot.services.asked_reading import MOST_DAYS
from bot.services.phrasing_proposals import Proposed
from bot.services.rendering import entry_data
from bot.web.answers import json_answer
from bot.web.authorisation import author_of, shop_of
from bot.web.bodies import Body, Reference, message_text, read_body
from bot.web.errors import ApiError
from bot.web.openapi_shapes import BOOL, TEXT, WHOLE, list_of, object_of
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_MOST_AT_ONCE: Final = 50
_DAYS: Final = re.compile(r"[0-9]{1,3}")


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("不能为空。 must not be empty")
    return value.strip()


Phrasing = Annotated[
    str, BeforeValidator(message_text), AfterValidator(_said), Field(max_length=MAX_PHRASING)
]


class IgnoredBody(Body):
    """A question that needs no entry."""

    text: Phrasing


class PhrasingsBody(Body):
    """What buyers say for an entry."""

    phrasings: Annotated[list[Phrasing], Field(min_length=1, max_length=_MOST_AT_ONCE)]


class DismissedBody(PhrasingsBody):
    """Phrasings that are not to be proposed again for the entry."""

    entry: Reference


def _desk(request: web.Request) -> AskedDesk:
    return request.app[SERVICES].asked


async def get_asked(request: web.Request) -> web.Response:
    """Return what was asked in vain (?days=31), grouped by meaning, with phrasings from use and drafts to confirm."""
    shop = shop_of(request, Right.EDIT)
    days = request.query.get("days", "31")
    if not _DAYS.fullmatch(days) or not 1 <= int(days) <= MOST_DAYS:
        said = f"1–{MOST_DAYS}"
        raise ApiError(422, f"days: {said}", {"days": said})
    return json_answer(_desk_data(await _desk(request).look(shop, int(days))))


async def ignore(request: web.Request) -> web.Response:
    """Show a question, and what is like it, no more among what was asked in vain."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, IgnoredBody)
    aside = await _desk(request).asked.ignore(shop, body.text, author_of(request))
    return json_answer(_aside_data(aside), status=201)


async def heed(request: web.Request) -> web.Response:
    """Show an ignored question again."""
    shop = shop_of(request, Right.EDIT)
    await _desk(request).asked.heed(shop, request.match_info["key"])
    return web.Response(status=204)


async def add_phrasings(request: web.Request) -> web.Response:
    """Give an entry more phrasings; one without a question gets its first. What it has already is left out."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, PhrasingsBody)
    entry = await _desk(request).proposals.add(
        shop, request.match_info["entry"], body.phrasings, author_of(request)
    )
    return json_answer(entry_data(entry))


async def dismiss(request: web.Request) -> web.Response:
    """Propose phrasings no more for an entry."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, DismissedBody)
    await _desk(request).proposals.dismiss(shop, body.entry, body.phrasings, author_of(request))
    return web.Response(status=204)


def _desk_data(desk: Desk) -> dict[str, Any]:
    asked = desk.asked
    return {
        "since": desk.log.since.isoformat(),
        "until": desk.log.until.isoformat(),
        "total": asked.total,
        "by_meaning": asked.by_meaning,
        "groups": [_group_data(group) for group in asked.groups],
        "left_out": asked.left_out,
        "ignored": [{**_aside_data(each.aside), "count": each.count} for each in asked.ignored],
        "proposed": [_proposed_data(each) for each in desk.proposed],
        "drafts": [entry_data(entry) for entry in desk.drafts],
    }


def _group_data(group: Group) -> dict[str, Any]:
    return {
        "key": group.key,
        "question": group.question,
        "count": group.count,
        "conversations": group.conversations,
        "why": {str(why): group.why.get(why, 0) for why in Why},
        "examples": [
            {"text": each.text, "count": each.count, "last": each.last.isoformat()} for each in group.examples
        ],
        "wordings": group.wordings,
        "last": group.last.isoformat(),
        "days": list(group.days),
    }


def _proposed_data(proposed: Proposed) -> dict[str, Any]:
    entry = proposed.entry
    return {
        "entry": entry.id,
        "title": title_of(entry),
        "reply": entry.reply or next(iter(entry.cases.values()), ""),
        "has_question": bool(entry.all_phrasings),
        "phrasings": [
            {"text": each.text, "count": each.count, "last": each.last.isoformat()}
            for each in proposed.phrasings
        ],
    }


def _aside_data(aside: SetAside) -> dict[str, Any]:
    return {"key": aside.key, "text": aside.text, "at": aside.at.isoformat(), "by": aside.author}


_WORDINGS: Final = list_of(object_of(text=TEXT, count=WHOLE, last=TEXT))
ASKED_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "Ignored": object_of(key=TEXT, text=TEXT, at=TEXT, by=TEXT),
    "Asked": object_of(
        since=TEXT, until=TEXT, total=WHOLE, by_meaning=BOOL,
        groups=list_of(object_of(
            key=TEXT, question=TEXT, count=WHOLE, conversations=WHOLE,
            why=object_of(**{str(why): WHOLE for why in Why}),
            examples=_WORDINGS, wordings=WHOLE, last=TEXT, days=list_of(WHOLE),
        )),
        left_out=WHOLE,
        ignored=list_of(object_of(key=TEXT, text=TEXT, at=TEXT, by=TEXT, count=WHOLE)),
        proposed=list_of(object_of(
            entry=TEXT, title=TEXT, reply=TEXT, has_question=BOOL, phrasings=_WORDINGS,
        )),
        drafts=list_of("Entry"),
    ),
}  # fmt: skip

ASKED_ROUTES: Final = (
    ApiRoute("GET", f"{SHOP}/asked", get_asked, returns="Asked", needs=Right.EDIT),
    ApiRoute("POST", f"{SHOP}/asked/ignored", ignore, IgnoredBody, "Ignored", (201,), needs=Right.EDIT),
    ApiRoute("DELETE", f"{SHOP}/asked/ignored/{{key}}", heed, answers=(204,), needs=Right.EDIT),
    ApiRoute("POST", f"{SHOP}/asked/dismissed", dismiss, DismissedBody, answers=(204,), needs=Right.EDIT),
    ApiRoute(
        "POST", f"{SHOP}/entries/{{entry}}/phrasings", add_phrasings, PhrasingsBody, "Entry", needs=Right.EDIT
    ),
)
"""The routes, for routes.py."""
