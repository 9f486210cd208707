"""Organisations, accounts, memberships, sessions, presence and the audit log."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES: Final = """
CREATE TABLE organisations (
    organisation_id TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT organisations_pkey PRIMARY KEY (organisation_id)
);
CREATE TABLE organisation_shops (
    organisation_id TEXT NOT NULL,
    shop_id TEXT NOT NULL,
    CONSTRAINT organisation_shops_pkey PRIMARY KEY (organisation_id, shop_id),
    CONSTRAINT organisation_shops_organisation_id_fkey FOREIGN KEY(organisation_id) REFERENCES organisations (organisation_id) ON DELETE CASCADE,
    CONSTRAINT organisation_shops_shop_id_fkey FOREIGN KEY(shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE accounts (
    account_id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    login TEXT NOT NULL,
    login_key TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    is_admin BOOLEAN NOT NULL,
    is_disabled BOOLEAN NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    language TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (account_id),
    CONSTRAINT accounts_login_key_key UNIQUE (login_key),
    CONSTRAINT accounts_organisation_id_fkey FOREIGN KEY(organisation_id) REFERENCES organisations (organisation_id)
);
CREATE INDEX accounts_organisation ON accounts (organisation_id);
CREATE TABLE memberships (
    account_id TEXT NOT NULL,
    shop_id TEXT NOT NULL,
    role TEXT NOT NULL,
    validity JSON NOT NULL,
    timezone TEXT NOT NULL,
    ended_at TIMESTAMPTZ,
    CONSTRAINT memberships_pkey PRIMARY KEY (account_id, shop_id),
    CONSTRAINT memberships_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE,
    CONSTRAINT memberships_shop_id_fkey FOREIGN KEY(shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX memberships_shop ON memberships (shop_id);
CREATE TABLE sign_in_sessions (
    session_id TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    csrf TEXT NOT NULL,
    account_id TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CONSTRAINT sign_in_sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT sign_in_sessions_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT sign_in_sessions_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
);
CREATE INDEX sign_in_sessions_account ON sign_in_sessions (account_id);
CREATE TABLE sign_in_attempts (
    attempt_key BYTEA NOT NULL,
    count INTEGER NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (attempt_key)
);
CREATE INDEX sign_in_attempts_since ON sign_in_attempts (since);
CREATE TABLE presences (
    account_id TEXT NOT NULL,
    state TEXT NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT presences_pkey PRIMARY KEY (account_id),
    CONSTRAINT presences_account_id_fkey FOREIGN KEY(account_id) REFERENCES accounts (account_id) ON DELETE CASCADE
);
CREATE TABLE audit_log (
    audit_id TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    organisation_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    shop TEXT NOT NULL,
    data JSON NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (audit_id)
);
CREATE INDEX audit_log_at ON audit_log (organisation_id, at, audit_id);
"""


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
