"""Automatic replies, wired to their parts: the rules, the turns, and what goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.ports.auto_turns import AutoTurnStore
from bot.retrieval.thresholds_file import bundled_thresholds
from bot.services.auto_answering import Answering, OrderProof
from bot.services.auto_log import AutoLog
from bot.services.auto_policies import AutoPolicies
from bot.services.auto_rating import AutoRating
from bot.services.auto_reply_desk import AutoReplyDesk
from bot.services.auto_reply_trying import AutoReplyTrials
from bot.services.auto_replying import AutoReplies, Limits
from bot.services.auto_sending import AutoOutbox
from bot.services.auto_standards import ShopStandards
from bot.services.auto_stopping import AutoStopping
from bot.services.due_timers import DueTimers
from bot.services.handing_over import HandingOver
from bot.services.recording import EventRecorder
from bot.services.repeat_asking import RepeatAsking
from bot.services.stepping_in import SteppingIn
from bot.services.suggesting import Suggester
from bot.services.workspace import Workspace

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


@dataclass(frozen=True, slots=True)
class AutoAnswering:
    """What answers buyers without a person; the loops run in every worker that serves."""

    auto_replies: AutoReplies
    outbox: AutoOutbox
    handing_over: HandingOver
    stepping_in: SteppingIn
    policies: AutoPolicies
    standards: ShopStandards
    stopping: AutoStopping
    rating: AutoRating
    turns: AutoTurnStore


def build_auto_reply(parts: Parts, workspace: Workspace, suggester: Suggester) -> AutoReplyDesk:
    """Return the use cases of the page of automatic replies."""
    trials = AutoReplyTrials(
        parts.auto_replies,
        workspace.live_shops,
        suggester,
        workspace.guard,
        parts.events,
        workspace.manners,
        bundled_thresholds(),
    )
    log = AutoLog(parts.auto_turns, parts.auto_replies, parts.accounts, workspace.auditor)
    return AutoReplyDesk(
        parts.auto_replies, trials, workspace.guard, workspace.auditor, log, parts.events, parts.clock
    )


def build_answering(
    parts: Parts,
    workspace: Workspace,
    suggester: Suggester,
    recorder: EventRecorder,
    proofs: OrderProof,
    limits: Limits,
) -> AutoAnswering:
    """Return what answers buyers without a person. Where no dialogue is held the shops' entries answer alone."""
    turns, clock, policies = parts.auto_turns, parts.clock, workspace.auto_policies
    sends = DueTimers(clock)
    handing_over = HandingOver(
        turns, policies, workspace.manners, recorder, clock, workspace.distributing.nudge, sends.expect
    )
    standards = ShopStandards(parts.events, bundled_thresholds(), clock)
    repeats = RepeatAsking(parts.conversations, turns, recorder, clock)
    auto_replies = AutoReplies(
        parts.conversations, turns, workspace.live_shops, policies, workspace.manners, standards,
        Answering(suggester, parts.dialogue, workspace.guard, proofs, repeats),
        handing_over, workspace.guard, workspace.due_turns, clock, limits,
    )  # fmt: skip
    outbox = AutoOutbox(
        parts.conversations, turns, workspace.conversing, workspace.manners, policies, workspace.live_shops, handing_over,
        workspace.guard, sends, clock,
    )  # fmt: skip
    stopping = AutoStopping(turns, parts.auto_replies, parts.accounts, workspace.auditor, clock)
    rating = AutoRating(
        parts.auto_ratings, turns, parts.auto_replies, parts.events, parts.accounts, workspace.auditor, clock
    )
    return AutoAnswering(
        auto_replies,
        outbox,
        handing_over,
        workspace.stepping_in,
        policies,
        standards,
        stopping,
        rating,
        turns,
    )
