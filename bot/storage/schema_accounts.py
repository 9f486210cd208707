"""The tables of organisations, accounts, memberships, sessions and the audit log. They hold no shop's content."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from bot.storage.schema_base import json_column, metadata, moment_column, text_column

organisations: Final = Table(
    "organisations",
    metadata,
    text_column("organisation_id"),
    text_column("name"),
    PrimaryKeyConstraint("organisation_id"),
)

organisation_shops: Final = Table(
    "organisation_shops",
    metadata,
    text_column("organisation_id"),
    text_column("shop_id"),
    PrimaryKeyConstraint("organisation_id", "shop_id"),
    ForeignKeyConstraint(["organisation_id"], ["organisations.organisation_id"], ondelete="CASCADE"),
    # As a token's and a membership's: a later shop of the same id is another shop.
    ForeignKeyConstraint(["shop_id"], ["shops.shop_id"], ondelete="CASCADE"),
)

accounts: Final = Table(
    "accounts",
    metadata,
    text_column("account_id"),
    text_column("organisation_id"),
    text_column("login"),
    # The login as it is compared: case does not matter.
    text_column("login_key"),
    text_column("name"),
    text_column("password_hash"),
    Column("is_admin", Boolean, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    text_column("language"),
    Column("capacity", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("account_id"),
    UniqueConstraint("login_key"),
    ForeignKeyConstraint(["organisation_id"], ["organisations.organisation_id"]),
    Index("accounts_organisation", "organisation_id"),
)

memberships: Final = Table(
    "memberships",
    metadata,
    text_column("account_id"),
    text_column("shop_id"),
    text_column("role"),
    json_column("validity"),
    text_column("timezone"),
    moment_column("ended_at", nullable=True),
    PrimaryKeyConstraint("account_id", "shop_id"),
    ForeignKeyConstraint(["account_id"], ["accounts.account_id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["shop_id"], ["shops.shop_id"], ondelete="CASCADE"),
    Index("memberships_shop", "shop_id"),
)

sign_in_sessions: Final = Table(
    "sign_in_sessions",
    metadata,
    text_column("session_id"),
    Column("secret_hash", LargeBinary, nullable=False),
    text_column("csrf"),
    text_column("account_id"),
    text_column("agent"),
    moment_column("created_at"),
    moment_column("expires_at"),
    moment_column("ended_at", nullable=True),
    PrimaryKeyConstraint("session_id"),
    UniqueConstraint("secret_hash"),
    ForeignKeyConstraint(["account_id"], ["accounts.account_id"], ondelete="CASCADE"),
    Index("sign_in_sessions_account", "account_id"),
)

sign_in_attempts: Final = Table(
    "sign_in_attempts",
    metadata,
    # A hash: what people type into the field for the login is at times their password.
    Column("attempt_key", LargeBinary, nullable=False),
    Column("count", Integer, nullable=False),
    moment_column("since"),
    PrimaryKeyConstraint("attempt_key"),
    Index("sign_in_attempts_since", "since"),
)

presences: Final = Table(
    "presences",
    metadata,
    text_column("account_id"),
    text_column("state"),
    moment_column("seen_at"),
    PrimaryKeyConstraint("account_id"),
    ForeignKeyConstraint(["account_id"], ["accounts.account_id"], ondelete="CASCADE"),
)

audit_log: Final = Table(
    "audit_log",
    metadata,
    text_column("audit_id"),
    moment_column("at"),
    text_column("organisation_id"),
    text_column("kind"),
    text_column("actor"),
    text_column("subject"),
    # No reference: the log outlives the shop.
    text_column("shop"),
    json_column("data"),
    PrimaryKeyConstraint("audit_id"),
    Index("audit_log_at", "organisation_id", "at", "audit_id"),
)

TENANT_TABLES: Final[tuple[Table, ...]] = ()
CONTROL_TABLES: Final[tuple[Table, ...]] = (
    organisations,
    organisation_shops,
    accounts,
    memberships,
    sign_in_sessions,
    sign_in_attempts,
    presences,
    audit_log,
)
APPEND_ONLY: Final[tuple[Table, ...]] = (audit_log,)
