"""Whose address a request comes from."""

from __future__ import annotations

from ipaddress import ip_address

from aiohttp import web


def client_address(request: web.Request) -> str:
    """Return the address that limits count by.

    Behind a proxy on this machine it is the last one that the proxy wrote into X-Forwarded-For; from anywhere else that
    header is the caller's own invention and is not read.
    """
    peer = request.remote or ""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    if forwarded and _is_here(peer):
        last = forwarded[-1].rpartition(",")[2].strip()
        return last if _is_address(last) else peer
    return peer


def _is_here(address: str) -> bool:
    return address == "" or (_is_address(address) and ip_address(address).is_loopback)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
