"""Connections to PostgreSQL, and what its errors mean to the callers of the stores."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.ports import Conflict, NotFound, StoreUnavailable

CONNECT_SECONDS: Final = 10.0
_POOL_LOGGER: Final = "sqlalchemy.pool.impl.AsyncAdaptedQueuePool"
_UNREACHABLE: Final = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError,
                       asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError,
                       asyncpg.InternalClientError)  # fmt: skip
"""The last is what the driver says of a connection that was cut in the middle of an answer."""
_OF_THE_DRIVER: Final = "invalid input for query argument"
"""How a refusal begins that never reached PostgreSQL. It quotes the value."""
_CHECK: Final = (
    "check that PostgreSQL runs and that KUAIHUI_DATABASE_URL names its host, port, database and role"
)

_UNREADABLE: Final = (
    "the database's address cannot be read: write postgresql://role:password@host:5432/database, with the special "
    "characters of the password percent-encoded (@ as %40, : as %3A, / as %2F)"
)


class UnstorableText(ValueError):
    """The text holds a NUL character, which PostgreSQL cannot store."""

    def __init__(self) -> None:
        super().__init__("the text holds a NUL character (\\0), which cannot be stored: remove it")


class UnexpectedDatabaseError(RuntimeError):
    """PostgreSQL refused a statement for a reason that the stores do not know: a mistake in the program."""


async def connect(dsn: str, *, statement_seconds: float = 0) -> asyncpg.Connection[asyncpg.Record]:
    """Return a connection of our own. Raises StoreUnavailable."""
    settings = {"application_name": "kuaihui", "timezone": "UTC", "jit": "off"}
    if statement_seconds:
        settings["statement_timeout"] = str(int(statement_seconds * 1000))
        settings["idle_in_transaction_session_timeout"] = "60000"
    with translated_errors():
        try:
            return await asyncpg.connect(dsn, timeout=CONNECT_SECONDS, server_settings=settings)
        except ValueError:  # its text may quote a piece of the password
            raise StoreUnavailable(_UNREADABLE) from None


def role_of(dsn: str) -> str:
    """Return the role that an address names: whom the migrations give rights. Raises StoreUnavailable."""
    try:
        parts = urlsplit(dsn)
        named = parts.username or dict(parse_qsl(parts.query)).get("user")
    except ValueError:
        raise StoreUnavailable(_UNREADABLE) from None
    if not named:
        raise StoreUnavailable("KUAIHUI_DATABASE_URL names no role: write postgresql://role@host/database")
    return unquote(named)


def _is_no_interruption(record: logging.LogRecord) -> bool:
    """Whether the record is worth a line: a command stopped by Ctrl-C cuts the closing of its connections short."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def make_engine(dsn: str, *, pool_size: int, statement_seconds: float) -> AsyncEngine:
    """Return an engine over `dsn`, a libpq address; nothing is connected yet."""

    async def create(*_: Any, **__: Any) -> asyncpg.Connection[asyncpg.Record]:
        return await connect(dsn, statement_seconds=statement_seconds)

    logging.getLogger(_POOL_LOGGER).addFilter(_is_no_interruption)
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=create,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        json_serializer=to_json,
        hide_parameters=True,
    )


def to_json(value: object) -> str:
    """Return JSON in which Chinese stays readable."""
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn the driver's errors into those of the ports. No message carries a row's or a statement's text."""
    try:
        yield
    except DBAPIError as error:
        driver = error.orig.__cause__ if error.orig is not None else None
        raise _translation(driver or error, integrity=isinstance(error, IntegrityError)) from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        raise _translation(
            error, integrity=isinstance(error, asyncpg.IntegrityConstraintViolationError)
        ) from None


_UNAVAILABLE: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    (
        (asyncpg.DiskFullError, asyncpg.PostgresIOError),
        "the database's disk is full or broken: free space there; nothing was written",
    ),
    (
        (asyncpg.QueryCanceledError,),
        "the database took too long to answer: try again; if it stays so, look at its load",
    ),
    # A wrong password is an invalid authorisation too.
    (
        (asyncpg.InvalidAuthorizationSpecificationError,),
        f"the database refuses the role or its password: {_CHECK}",
    ),
    ((asyncpg.InvalidCatalogNameError,), f"there is no such database: {_CHECK}"),
    (
        (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError),
        "the database's tables are missing or of another version: start `kuaihui serve` once",
    ),
    (
        (asyncpg.InsufficientPrivilegeError,),
        "the database refuses this to the application's role: start `kuaihui serve` once, which gives it its rights",
    ),
    (
        (asyncpg.TooManyConnectionsError,),
        "the database has no connection left: raise its max_connections or run fewer workers",
    ),
)


def _translation(error: BaseException, *, integrity: bool) -> Exception:
    for kinds, message in _UNAVAILABLE:
        if isinstance(error, kinds):
            return StoreUnavailable(message)
    if isinstance(error, _UNREACHABLE):
        return StoreUnavailable(f"the database does not answer ({_shown(error)}): {_CHECK}")
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return NotFound("there is no such shop, or what this refers to is not in it")
    if isinstance(error, asyncpg.CharacterNotInRepertoireError | asyncpg.UntranslatableCharacterError):
        return UnstorableText()
    if integrity:
        duplicate = isinstance(error, asyncpg.UniqueViolationError)
        return Conflict("it exists already" if duplicate else "the database refuses this row")
    if isinstance(error, asyncpg.DataError) and str(error).startswith(_OF_THE_DRIVER):
        return UnexpectedDatabaseError(f"{type(error).__name__}: a value cannot be stored in its column")
    # The first argument is PostgreSQL's primary message; its DETAIL, which quotes rows, is left out.
    return UnexpectedDatabaseError(f"{type(error).__name__}: {error.args[0] if error.args else ''}")


def _shown(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
