"""Routes of a shop's rules for automatic replies: read, written, and tried on what its buyers asked lately."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.auto_rating import Measured
from bot.domain.auto_reply import Deed
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.intents import GROUPS
from bot.domain.masking import mask_text
from bot.services.auto_reply_desk import AutoReplyDesk, UnfitWording
from bot.services.auto_reply_figures import DryRun, GroupFigures, Tried
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, shop_of
from bot.web.auto_reply_bodies import AutoReplyWritten, DryRunBody
from bot.web.bodies import MAX_MESSAGE_BODY, WRONG_FIELDS, read_body
from bot.web.errors import ApiError, by_field
from bot.web.openapi_shapes import BOOL, NUMBER, TEXT, TEXTS, WHOLE, list_of, object_of, or_null
from bot.web.progress import Tick, answer_with_progress
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_LONGEST_SHOWN: Final = 300


def _desk(request: web.Request) -> AutoReplyDesk:
    return request.app[SERVICES].auto_reply


async def get_auto_reply(request: web.Request) -> web.Response:
    """Return the shop's rules for automatic replies."""
    return json_answer(await _rules_data(_desk(request), shop_of(request, Right.REPORT)))


async def put_auto_reply(request: web.Request) -> web.Response:
    """Write the shop's rules for automatic replies, all of them."""
    desk, shop = _desk(request), shop_of(request, Right.SET_POLICY)
    body = await read_body(request, AutoReplyWritten, limit=MAX_MESSAGE_BODY)
    try:
        await desk.put(shop, body.to_policy(), caller_of(request), body.demoted)
    except UnfitWording as error:
        raise ApiError(422, WRONG_FIELDS, by_field(error.errors)) from None
    return json_answer(await _rules_data(desk, shop))


async def leave_demoted(request: web.Request) -> web.Response:
    """Leave a group that dropped to suggestions as it is; nobody is told any more."""
    desk, shop = _desk(request), shop_of(request, Right.SET_POLICY)
    await desk.leave(shop, request.match_info["group"])
    return json_answer(await _rules_data(desk, shop))


async def try_auto_reply(request: web.Request) -> web.StreamResponse:
    """Say what would have become of the shop's newest questions under these rules; nothing is sent, logged or kept."""
    shop = shop_of(request, Right.REPORT)
    body = await read_body(request, DryRunBody, limit=MAX_MESSAGE_BODY)

    async def work(tick: Tick) -> web.Response:
        run = await _desk(request).trials.try_policy(shop, body.policy.to_policy(), body.messages, tick)
        return json_answer(_run_data(run))

    return await answer_with_progress(request, work)


async def _rules_data(desk: AutoReplyDesk, shop: str) -> dict[str, Any]:
    """Return the rules, and how the replies that went out by them turned out."""
    policy, measures = await desk.get(shop), await desk.measures(shop)
    return {
        **_policy_data(policy),
        "measured": {group: _measured_data(each) for group, each in sorted(measures.by_group.items())},
        "demoted": [
            {
                "group": each.group,
                "at": each.at.isoformat(),
                "cases": each.cases,
                "right": each.right,
                "target": each.target,
            }
            for each in measures.demoted
        ],
    }


def _measured_data(measured: Measured) -> dict[str, Any]:
    low, high = measured.bounds
    since = measured.since.isoformat() if measured.since else None
    return {
        "cases": measured.cases,
        "right": measured.right,
        "low": _rounded(low),
        "high": _rounded(high),
        "since": since,
    }


def _policy_data(policy: AutoReplyPolicy) -> dict[str, Any]:
    return {
        "is_on": policy.is_on,
        "groups": {
            group: {"mode": policy.rule(group).mode.value, "precision": policy.rule(group).precision}
            for group in GROUPS
        },
        "when": policy.when.value,
        "weekly": [
            {"weekday": each.weekday, "since": each.since.isoformat(), "until": each.until.isoformat()}
            for each in policy.weekly
        ],
        "repeat_limit": policy.repeat_limit,
        "greeting": policy.greeting,
        "hand_over": policy.hand_over,
        "hand_over_closed": policy.hand_over_closed,
        "merge_seconds": policy.merge_seconds,
        "marks": policy.marks,
    }


def _run_data(run: DryRun) -> dict[str, Any]:
    return {
        "messages": len(run.tried),
        "since": run.tried[0].ask.at.isoformat() if run.tried else None,
        "answered": run.answered,
        "share": _rounded(run.share),
        "expected_precision": _rounded(run.expected_precision),
        "deeds": {deed.value: run.deeds[deed] for deed in Deed},
        "groups": [_group_data(group) for group in run.groups],
        "tried": [_tried_data(each) for each in reversed(run.tried)],
    }


def _group_data(figures: GroupFigures) -> dict[str, Any]:
    return {
        "group": figures.group,
        "questions": figures.questions,
        "answered": figures.answered,
        "reach": [
            {
                "precision": each.precision,
                "threshold": _rounded(each.threshold),
                "sendable": each.sendable,
                "judged": each.judged,
                "right": round(each.right, 2),
                "low": _rounded(each.low),
                "high": _rounded(each.high),
            }
            for each in figures.reach
        ],
    }


def _tried_data(tried: Tried) -> dict[str, Any]:
    reply, threshold = tried.found.suggestion, tried.decision.threshold
    return {
        "at": tried.ask.at.isoformat(),
        # Who may read figures is told what was asked, not whose number stood in it.
        "asked": mask_text(tried.ask.text)[:_LONGEST_SHOWN],
        "deed": tried.decision.deed.value,
        "reasons": [reason.value for reason in tried.decision.reasons],
        "said": list(tried.said),
        "found": reply.text if reply else "",
        "groups": sorted(tried.found.groups),
        "entries": [part.entry for part in reply.parts] if reply else [],
        "confidence": _rounded(reply.confidence) if reply else None,
        "threshold": _rounded(threshold) if threshold is not None and threshold <= 1 else None,
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


_SHARE: Final = or_null(NUMBER)
AUTO_REPLY_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "AutoReply": object_of(
        is_on=BOOL,
        groups={"type": "object", "additionalProperties": object_of(mode=TEXT, precision=NUMBER)},
        when=TEXT, weekly=list_of(object_of(weekday=WHOLE, since=TEXT, until=TEXT)), repeat_limit=WHOLE,
        greeting=TEXT, hand_over=TEXT, hand_over_closed=TEXT, merge_seconds=NUMBER, marks=BOOL,
        measured={"type": "object", "additionalProperties": object_of(
            cases=WHOLE, right=WHOLE, low=NUMBER, high=NUMBER, since=or_null(TEXT),
        )},
        demoted=list_of(object_of(group=TEXT, at=TEXT, cases=WHOLE, right=WHOLE, target=NUMBER)),
    ),
    "DryRun": object_of(
        messages=WHOLE, since=or_null(TEXT), answered=WHOLE, share=_SHARE, expected_precision=_SHARE,
        deeds=object_of(reply=WHOLE, ask_back=WHOLE, hand_over=WHOLE, silent=WHOLE),
        groups=list_of(object_of(group=TEXT, questions=WHOLE, answered=WHOLE, reach=list_of(object_of(
            precision=NUMBER, threshold=_SHARE, sendable=WHOLE, judged=WHOLE, right=NUMBER, low=_SHARE, high=_SHARE,
        )))),
        tried=list_of(object_of(
            at=TEXT, asked=TEXT, deed=TEXT, reasons=TEXTS, said=TEXTS, found=TEXT, groups=TEXTS, entries=TEXTS,
            confidence=_SHARE, threshold=_SHARE,
        )),
    ),
}  # fmt: skip

AUTO_REPLY_ROUTES: Final = (
    ApiRoute("GET", f"{SHOP}/auto-reply", get_auto_reply, returns="AutoReply", needs=Right.REPORT),
    ApiRoute(
        "PUT",
        f"{SHOP}/auto-reply",
        put_auto_reply,
        AutoReplyWritten,
        "AutoReply",
        (200, 409),
        needs=Right.SET_POLICY,
    ),
    ApiRoute(
        "DELETE",
        f"{SHOP}/auto-reply/demoted/{{group}}",
        leave_demoted,
        returns="AutoReply",
        needs=Right.SET_POLICY,
    ),
    ApiRoute(
        "POST",
        f"{SHOP}/auto-reply/dry-run",
        try_auto_reply,
        DryRunBody,
        "DryRun",
        (200, 409),
        needs=Right.REPORT,
    ),
)
"""The routes, for routes.py."""
