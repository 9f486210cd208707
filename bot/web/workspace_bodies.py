"""Request bodies of the workspace."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.domain.entry import WeeklyHours
from bot.domain.service_policy import MOST_DAYS_KEPT, ServicePolicy
from bot.services.conversing import MAX_NOTE, MAX_TAG, MAX_TAGS
from bot.web.bodies import Body, Reference, message_text

_MAX_WORDS: Final = 500
_MAX_SECONDS: Final = 24 * 3600


def _stripped(value: str) -> str:
    return value.strip()


def _said(value: str) -> str:
    if not value:
        raise ValueError("不能为空。 must not be empty")
    return value


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or value != f"{parts.scheme}://{parts.netloc}"
    ):
        raise ValueError("https://www.example.com: scheme and host, nothing after it")
    if any(character in value for character in "; ,'\"@*\\") or not value.isascii():
        raise ValueError("holds a character that no site's address has")
    return value.lower()


Text = Annotated[str, BeforeValidator(message_text)]
_Note = Annotated[
    str,
    BeforeValidator(message_text),
    Field(max_length=MAX_NOTE),
    AfterValidator(_stripped),
    AfterValidator(_said),
]
_Tag = Annotated[
    str,
    BeforeValidator(message_text),
    Field(max_length=MAX_TAG),
    AfterValidator(_stripped),
    AfterValidator(_said),
]
_Word = Annotated[
    str,
    BeforeValidator(message_text),
    Field(max_length=100),
    AfterValidator(_stripped),
    AfterValidator(_said),
]
_Line = Annotated[str, BeforeValidator(message_text), Field(max_length=500), AfterValidator(_stripped)]


class HandOverBody(Body):
    """To whom the conversation goes; nobody ("") puts it back into the queue."""

    to: Reference


class AsideBody(Body):
    """Until when the conversation is put aside."""

    until: datetime

    @model_validator(mode="after")
    def _is_aware(self) -> AsideBody:
        if self.until.tzinfo is None:
            raise ValueError("until: give the time with its offset, as 2026-03-05T18:00:00+08:00")
        return self


class NoteBody(Body):
    """A note for colleagues."""

    text: _Note


class TagsBody(Body):
    """All tags of the buyer."""

    tags: Annotated[list[_Tag], Field(max_length=MAX_TAGS)]


class DraftBody(Body):
    """What stands in the composer; an empty text forgets it."""

    text: Text


class GuardBody(Body):
    """A text that is about to be said for the shop."""

    text: Text
    conversation: Reference = ""


class PhraseBody(Body):
    """An agent's own quick phrase."""

    text: _Note
    short_code: Annotated[str, Field(max_length=20), AfterValidator(_stripped)] = ""
    group: Annotated[str, Field(max_length=30), AfterValidator(_stripped)] = ""


class PresenceBody(Body):
    """How the person is there."""

    state: Literal["online", "pause", "away"]


class HoursBody(Body):
    """Business hours of one weekday (0 = Monday); past midnight when `until` is before `since`."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    since: time
    until: time


class PolicyBody(Body):
    """A shop's rules of service, all of them."""

    target_seconds: Annotated[int, Field(ge=10, le=_MAX_SECONDS)] = 120
    alarm_seconds: Annotated[int, Field(ge=5, le=_MAX_SECONDS)] = 90
    hours: Annotated[list[HoursBody], Field(max_length=50)] = []
    distributes: bool = True
    reassign_seconds: Annotated[int, Field(ge=10, le=_MAX_SECONDS)] = 180
    forbidden: Annotated[list[_Word], Field(max_length=_MAX_WORDS)] = []
    contacts: Annotated[list[_Word], Field(max_length=_MAX_WORDS)] = []
    blocks_contacts: bool = True
    notice: _Line = ""
    address: Annotated[str, Field(max_length=20)] = ""
    origins: Annotated[list[Annotated[str, AfterValidator(_origin)]], Field(max_length=50)] = []
    holding_texts: Annotated[list[_Line], Field(max_length=20)] = []
    keep_days: Annotated[int, Field(ge=1, le=MOST_DAYS_KEPT)] = 180

    @model_validator(mode="after")
    def _alarm_comes_first(self) -> PolicyBody:
        if self.alarm_seconds > self.target_seconds:
            raise ValueError("alarm_seconds: the alarm comes before the target time runs out")
        return self

    def to_policy(self) -> ServicePolicy:
        """Return the policy."""
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value := getattr(self, name), list) else value
            for name in type(self).model_fields
            if name != "hours"
        }
        hours = tuple(WeeklyHours(each.weekday, each.since, each.until) for each in self.hours)
        return ServicePolicy(hours=hours, **given)
