"""Addresses of the internet: as limits count them, and which of them anybody may be sent to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
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


_TRANSLATED: Final = ip_network("64:ff9b::/96")
"""Where a network that speaks IPv6 alone keeps the IPv4 addresses."""
Address = IPv4Address | IPv6Address


def reaches(address: Address) -> tuple[Address, ...]:
    """Return where a connection to the address ends, tunnels and translations followed to what is wrapped in it."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _TRANSLATED:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    if address.sixtofour is not None:
        return address, address.sixtofour
    return (address, *(address.teredo or ()))


def is_public(address: Address) -> bool:
    """Whether the address, and whatever is wrapped in it, belongs to the open internet."""
    return all(_is_open(each) for each in reaches(address))


def _is_open(address: Address) -> bool:
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or site_local)
