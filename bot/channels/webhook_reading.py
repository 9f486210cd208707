"""The JSON that an integrator sends, read strictly: whatever is wrong is named, by field, and nothing of it is taken."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from bot.domain.channels import LONGEST_EXTERNAL, external_id_of
from bot.ports.channels import Came, CameBuyer, CameMessage, CameStatus, IncomingImage, Unreadable

LONGEST_TEXT: Final = 20_000
MOST_IMAGES: Final = 9
LONGEST_NAME: Final = 80
_LONGEST_URL: Final = 2_000
_MOST_UNKNOWN: Final = 20
_PRODUCT: Final = re.compile(r"[\w.:-]{0,80}")
# NUL and halves of characters: JSON can write them, PostgreSQL and UTF-8 cannot.
_UNKEPT: Final = re.compile("[\0\ud800-\udfff]")
_STATUSES: Final = ("closed", "person", "software")
_AUTHORS: Final = ("buyer", "person")
_COMMON: Final = frozenset(("type", "id", "buyer", "thread"))
_OF_MESSAGE: Final = _COMMON | {"text", "images", "author"}
_OF_STATUS: Final = _COMMON | {"status"}


class _Reader:
    """Takes fields out of an object and notes what is wrong with them."""

    def __init__(self, given: Mapping[str, Any], problems: dict[str, str], path: str = "") -> None:
        self._given = given
        self._problems = problems
        self._path = path

    def text(self, name: str, most: int, *, needed: bool = False) -> str:
        """Return a text; a number is not taken for one."""
        value = self._given.get(name, "")
        if not isinstance(value, str):
            self.wrong(name, "a text (in quotation marks)")
            return ""
        if len(value) > most:
            self.wrong(name, f"has {len(value)} characters; at most {most} are taken")
        if needed and not value.strip():
            self.wrong(name, "is needed")
        return _UNKEPT.sub("", value)

    def one_of(self, name: str, choices: Sequence[str], usual: str = "") -> str:
        """Return one of the choices."""
        value = self._given.get(name, usual)
        if value not in choices:
            self.wrong(name, f"one of {', '.join(choices)}")
            return usual or choices[0]
        return str(value)

    def flag(self, name: str, *, usual: bool) -> bool:
        """Return true or false."""
        value = self._given.get(name, usual)
        if not isinstance(value, bool):
            self.wrong(name, "true or false")
        return value is True

    def inside(self, name: str, *, needed: bool) -> _Reader | None:
        """Return a reader of the object under that name."""
        value = self._given.get(name)
        if value is None and not needed:
            return None
        if not isinstance(value, dict):
            self.wrong(name, "an object (in braces)")
            return None
        return _Reader(value, self._problems, f"{self._path}{name}.")

    def each(self, name: str, most: int) -> Iterable[_Reader]:
        """Yield a reader of each object in the list under that name."""
        value = self._given.get(name, [])
        if not isinstance(value, list) or len(value) > most:
            self.wrong(name, f"a list of at most {most}")
            return
        for place, item in enumerate(value):
            if isinstance(item, dict):
                yield _Reader(item, self._problems, f"{self._path}{name}[{place}].")
            else:
                self.wrong(f"{name}[{place}]", "an object (in braces)")

    def holds_only(self, known: Iterable[str]) -> None:
        """Note what nobody asked for: a name that is misspelt would be lost without a word."""
        for name in sorted(set(self._given) - set(known))[:_MOST_UNKNOWN]:
            # It stands in the log, too: on a line of its own making it would look like another entry.
            shown = "".join(each if each.isprintable() else "?" for each in name[:60])
            self.wrong(shown, f"unknown; known are {', '.join(sorted(known))}")

    def wrong(self, name: str, why: str) -> None:
        self._problems.setdefault(f"{self._path}{name}", why)


def read_came(body: bytes, *, vouches: bool) -> list[Came]:
    """Return what came; empty for a ping. Raises Unreadable."""
    problems: dict[str, str] = {}
    given = _parsed(body)
    reader = _Reader(given, problems)
    kinds: dict[str, Callable[[_Reader, bool], Came]] = {"message": _message, "status": _status}
    kind = reader.one_of("type", (*kinds, "ping"))
    came = [] if kind == "ping" or problems else [kinds[kind](reader, vouches)]
    if problems:
        raise Unreadable("some fields are wrong; nothing was taken", problems)
    return came


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except UnicodeDecodeError:
        raise Unreadable("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"broken JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise Unreadable("the JSON is nested too deeply") from None
    except ValueError:
        raise Unreadable("the JSON holds a number of thousands of digits") from None
    if not isinstance(given, dict):
        raise Unreadable("the body must be a JSON object")
    return given


def _message(reader: _Reader, vouches: bool) -> CameMessage:
    reader.holds_only(_OF_MESSAGE)
    author = reader.one_of("author", _AUTHORS, "buyer")
    text = reader.text("text", LONGEST_TEXT)
    images = tuple(_image(each) for each in reader.each("images", MOST_IMAGES))
    if not text.strip() and not images:
        reader.wrong("text", "is needed, unless there are images")
    return CameMessage(
        reader.text("id", LONGEST_EXTERNAL, needed=True),
        _buyer(reader, vouches),
        text,
        images,
        thread=reader.text("thread", LONGEST_EXTERNAL),
        author="person" if author == "person" else "buyer",
    )


def _status(reader: _Reader, vouches: bool) -> CameStatus:
    reader.holds_only(_OF_STATUS)
    status = reader.one_of("status", _STATUSES)
    return CameStatus(
        reader.text("id", LONGEST_EXTERNAL, needed=True),
        _buyer(reader, vouches),
        "closed" if status == "closed" else "person" if status == "person" else "software",
        reader.text("thread", LONGEST_EXTERNAL),
    )


def _buyer(reader: _Reader, vouches: bool) -> CameBuyer:
    inside = reader.inside("buyer", needed=True)
    if inside is None:
        return CameBuyer("")
    inside.holds_only(("id", "name", "verified", "viewed"))
    external = inside.text("id", LONGEST_EXTERNAL, needed=True)
    try:
        external_id_of(external, verified=True)
    except ValueError as error:
        inside.wrong("id", str(error))
    viewed = inside.text("viewed", 80)
    if not _PRODUCT.fullmatch(viewed):
        inside.wrong("viewed", "the id of an item or product: letters, digits, _ . : -")
    verified = inside.flag("verified", usual=True) and vouches
    return CameBuyer(external, inside.text("name", LONGEST_NAME), verified, viewed)


def _image(reader: _Reader) -> IncomingImage:
    reader.holds_only(("url", "content"))
    url = reader.text("url", _LONGEST_URL)
    encoded = reader.text("content", 2_000_000)
    if bool(url) == bool(encoded):
        reader.wrong("url", "either url or content (base64)")
        return IncomingImage()
    if url and not url.startswith(("http://", "https://")):
        reader.wrong("url", "begins with http:// or https://")
    try:
        return IncomingImage(base64.b64decode(encoded, validate=True), url)
    except (binascii.Error, ValueError):
        reader.wrong("content", "is no base64")
        return IncomingImage()
