"""A dialogue as events that can be kept and replayed: runs inside the Rasa environment (Python 3.10).

Kept is what rules, forms and stories go by: intents, entities, slots, actions, the form that waits. Left out are words, times
and what was said to the buyer.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, LOOP_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

_MOST_EVENTS = 200
_NOT_KEPT = ("timestamp", "metadata", "policy", "confidence")


def build_tracker(conversation: str, events: list[dict[str, Any]], domain: Domain) -> DialogueStateTracker:
    """Return the tracker that the events lead to. Raises ValueError for what is no event."""
    replayed = deserialise_events(events)
    if len(replayed) != len(events):
        raise ValueError("something else than events")
    return DialogueStateTracker.from_events(conversation, replayed, domain.slots, domain=domain)


def kept_events(tracker: DialogueStateTracker, domain: Domain) -> list[dict[str, Any]]:
    """Return the events from which the tracker can be built again, without words, times and bubbles."""
    events = [kept for event in tracker.events if (kept := _kept(event.as_dict())) is not None]
    if len(events) <= _MOST_EVENTS:
        return events
    cut = next(
        (n for n in range(len(events) - _MOST_EVENTS, len(events)) if events[n]["event"] == "user"),
        len(events),
    )
    return _standing_after(build_tracker(tracker.sender_id, events[:cut], domain), domain) + events[cut:]


def _standing_after(tracker: DialogueStateTracker, domain: Domain) -> list[dict[str, Any]]:
    """Return the fewest events that lead to where the tracker stands, waiting for the buyer."""
    started = [{"event": "action", "name": "action_session_start"}, {"event": "session_started"}]
    untouched = {slot.name: slot.value for slot in domain.slots}
    slots = [
        {"event": "slot", "name": name, "value": slot.value}
        for name, slot in tracker.slots.items()
        if slot.value != untouched.get(name)
    ]
    loop = tracker.active_loop_name
    waiting = [{"event": "action", "name": loop}, {"event": "active_loop", LOOP_NAME: loop}] if loop else []
    return [*started, *waiting, *slots, {"event": "action", "name": ACTION_LISTEN_NAME}]


def _kept(event: dict[str, Any]) -> dict[str, Any] | None:
    if event["event"] == "bot":
        return None
    if event["event"] == "user":
        read = event["parse_data"]
        entities = [
            {name: entity[name] for name in ("entity", "value", "start", "end") if name in entity}
            for entity in read.get("entities", ())
        ]
        return {"event": "user", "parse_data": {"intent": read.get("intent") or {}, "entities": entities}}
    dropped = ("timestamp", "metadata", "policy", "confidence")
    return {
        name: value
        for name, value in event.items()
        if (name not in dropped and value is not None) or name == "value"
    }
