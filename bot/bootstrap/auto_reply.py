"""The rules of automatic replies, wired to their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.retrieval.thresholds_file import bundled_thresholds
from bot.services.auto_reply_desk import AutoReplyDesk
from bot.services.auto_reply_trying import AutoReplyTrials
from bot.services.suggesting import Suggester
from bot.services.workspace import Workspace

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


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
    return AutoReplyDesk(parts.auto_replies, trials, workspace.guard, workspace.auditor)
