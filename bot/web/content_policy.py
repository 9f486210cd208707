"""What a browser lets our pages do: our own scripts and styles only, and framing by nobody who is not named."""

from __future__ import annotations

from collections.abc import Sequence


def content_policy(ancestors: Sequence[str] = ("'none'",), images: str = "data:") -> str:
    """Return the Content-Security-Policy of a page that `ancestors` may frame; `images` are sources besides our own."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' {images}; connect-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {' '.join(ancestors)}"
    )
