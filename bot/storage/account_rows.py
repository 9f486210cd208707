"""Accounts and memberships as rows of their tables, and back."""

from __future__ import annotations

from bot.domain.account import Account, Membership
from bot.storage.rows import JsonRow, Row, read_validity, validity_row


def login_key(login: str) -> str:
    """Return the login as it is compared: case and space around it do not matter."""
    return login.strip().casefold()


def account_row(account: Account, password_hash: str) -> JsonRow:
    """Return the row of an account."""
    return {
        "account_id": account.id,
        "organisation_id": account.organisation,
        "login": account.login,
        "login_key": login_key(account.login),
        "name": account.name,
        "password_hash": password_hash,
        "is_admin": account.is_admin,
        "is_disabled": account.is_disabled,
        "must_change_password": account.must_change_password,
        "language": account.language,
        "capacity": account.capacity,
        "version": account.version,
    }


def read_account(row: Row) -> Account:
    """Return the account of a row."""
    return Account(
        id=row["account_id"],
        organisation=row["organisation_id"],
        login=row["login"],
        name=row["name"],
        is_admin=row["is_admin"],
        is_disabled=row["is_disabled"],
        must_change_password=row["must_change_password"],
        language=row["language"],
        capacity=row["capacity"],
        version=row["version"],
    )


def membership_row(membership: Membership) -> JsonRow:
    """Return the row of a membership that goes on."""
    return {
        "account_id": membership.account,
        "shop_id": membership.shop,
        "role": membership.role,
        "validity": validity_row(membership.validity),
        "timezone": membership.timezone,
        "ended_at": None,
    }


def read_membership(row: Row) -> Membership:
    """Return the membership of a row."""
    return Membership(
        row["account_id"], row["shop_id"], row["role"], read_validity(row["validity"]), row["timezone"]
    )
