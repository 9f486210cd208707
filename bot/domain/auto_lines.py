"""Decisions and hand-overs as plain JSON values, as tables, the feed and the API carry them, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_turn import Decided, HandOver
from bot.domain.suggestion import FactUsed


def decided_line(decided: Decided) -> dict[str, Any]:
    """Return the decision as JSON values, its time in ISO 8601."""
    return {
        "id": decided.id,
        "upto": decided.upto,
        "at": decided.at.isoformat(),
        "deed": decided.deed.value,
        "reasons": [reason.value for reason in decided.reasons],
        "confidence": decided.confidence,
        "threshold": decided.threshold,
        "groups": list(decided.groups),
        "entries": [
            {"entry": entry, "version": version, "confidence": confidence}
            for entry, version, confidence in decided.entries
        ],
        "facts": _fact_lines(decided.facts),
        "dialogue": decided.dialogue,
    }


def read_decided_line(line: Mapping[str, Any]) -> Decided:
    """Return the decision that `decided_line` wrote."""
    return Decided(
        id=line["id"],
        upto=line["upto"],
        at=datetime.fromisoformat(line["at"]),
        deed=Deed(line["deed"]),
        reasons=_reasons(line["reasons"]),
        confidence=line["confidence"],
        threshold=line["threshold"],
        groups=tuple(line["groups"]),
        entries=tuple((each["entry"], each["version"], each["confidence"]) for each in line["entries"]),
        facts=_facts(line["facts"]),
        dialogue=line["dialogue"],
    )


def hand_over_line(hand_over: HandOver) -> dict[str, Any]:
    """Return the hand-over as JSON values, its times in ISO 8601."""
    return {
        "id": hand_over.id,
        "at": hand_over.at.isoformat(),
        "reasons": [reason.value for reason in hand_over.reasons],
        "urgent": hand_over.urgent,
        "mood": hand_over.mood,
        "asked": list(hand_over.asked),
        "answered": list(hand_over.answered),
        "facts": _fact_lines(hand_over.facts),
        "open": list(hand_over.open),
        "note": hand_over.note,
        "taken_at": hand_over.taken_at and hand_over.taken_at.isoformat(),
        "taken_by": hand_over.taken_by,
    }


def read_hand_over_line(line: Mapping[str, Any]) -> HandOver:
    """Return the hand-over that `hand_over_line` wrote."""
    taken_at = line["taken_at"]
    return HandOver(
        id=line["id"],
        at=datetime.fromisoformat(line["at"]),
        reasons=_reasons(line["reasons"]),
        urgent=line["urgent"],
        mood=line["mood"],
        asked=tuple(line["asked"]),
        answered=tuple(line["answered"]),
        facts=_facts(line["facts"]),
        open=tuple(line["open"]),
        note=line["note"],
        taken_at=datetime.fromisoformat(taken_at) if taken_at else None,
        taken_by=line["taken_by"],
    )


def _reasons(values: Sequence[str]) -> tuple[Reason, ...]:
    return tuple(Reason(value) for value in values)


def _fact_lines(facts: Sequence[FactUsed]) -> list[dict[str, Any]]:
    return [asdict(fact) for fact in facts]


def _facts(lines: Sequence[Mapping[str, Any]]) -> tuple[FactUsed, ...]:
    return tuple(FactUsed(**line) for line in lines)
