"""The secret between Kuaihui and its Rasa, in both directions. Read in Rasa's environment too (Python 3.10)."""

from __future__ import annotations

import hmac

SECRET_HEADER = "X-Kuaihui-Secret"  # noqa: S105 - a header's name
FEWEST_CHARACTERS = 16


def is_secret(given: str, secret: str) -> bool:
    """Compare in a time that tells nothing; an unset secret is never right."""
    return bool(secret) and hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())
