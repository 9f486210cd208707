"""Addresses of the internet as limits count them."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

_ONE_CUSTOMER: Final = 64
"""So many leading bits of an IPv6 address tell customers apart; the rest a customer chooses himself, anew as often as he likes."""


def network_of(address: str) -> str:
    """Return what one caller cannot change at will: an IPv4 address, the first half of an IPv6 address, any other text as it is."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(ip_network((int(read), _ONE_CUSTOMER), strict=False))
