"""The open internet as this program may reach it for others: never what only this server can reach.

The check stands where a connection is opened, on the very address that it goes to: a name that resolves to another address
the second time, an address written in an odd way and every hop of a redirect pass it alike.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final

import aiohttp
from yarl import URL

from bot.domain.networks import is_public, reaches

Network = IPv4Network | IPv6Network
_NOT_OPEN: Final = (
    "这个地址在内网或本机，未获允许（管理员可用 KUAIHUI_PRIVATE_SOURCES 放行）。 the address is not on the open internet, and "
    "the operator has not allowed it (KUAIHUI_PRIVATE_SOURCES)"
)


class _Forbidden(OSError):
    """A connection would go to an address that is not allowed."""


class OpenInternet:
    """Opens connections to the open internet and to `allowed`, nothing else."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def session(self) -> aiohttp.ClientSession:
        """Return a session whose every connection is checked; whoever asks for it closes it."""
        connector = aiohttp.TCPConnector(
            use_dns_cache=False,
            force_close=True,
            happy_eyeballs_delay=None,
            socket_factory=self._open_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,  # a proxy would resolve and connect for us, unchecked
            timeout=aiohttp.ClientTimeout(total=None),
        )

    def _open_socket(self, info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        """Return a socket for a connection to the address, if it may be reached."""
        family, kind, protocol, _, target = info
        self.require_allowed(str(target[0]))
        return socket.socket(family, kind, protocol)

    def require_allowed(self, host: str) -> None:
        """Raises OSError for an address that is neither open nor allowed."""
        address = ip_address(host.partition("%")[0])
        allowed = all(
            any(each in network for network in self._allowed) or is_public(each) for each in reaches(address)
        )
        if not allowed:
            raise _Forbidden(_NOT_OPEN)


def address_problem(url: URL) -> str:
    """Return what is wrong with an address that is to be asked, in both languages; "" when nothing is."""
    if url.scheme not in ("http", "https") or not url.host:
        return "只能用 http:// 或 https:// 地址。 only http:// and https:// addresses are asked"
    if url.user is not None or url.password is not None:
        return "地址里不能写账号密码，请放在请求头里。 an address with a password in it is not asked; use a header"
    return ""


def reason_of(error: aiohttp.ClientError) -> str:
    """Return what went wrong in words that hold neither the address nor what was sent."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "对方的证书不可信。 its certificate cannot be trusted"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "找不到这个主机名。 its host name is not known"
    if isinstance(error, aiohttp.ClientOSError):
        forbidden = isinstance(error, aiohttp.ClientConnectorError) and str(error.os_error) == _NOT_OPEN
        refused = "连接被拒绝或中断。 the connection was refused or lost"
        return _NOT_OPEN if forbidden else refused
    if isinstance(error, aiohttp.InvalidURL):
        return "地址写法不对。 this is no address"
    if isinstance(error.__cause__, ssl.SSLError):
        return "对方的证书不可信。 its certificate cannot be trusted"
    return f"对方的回答不是完整的 HTTP。 its answer is no whole HTTP ({type(error).__name__})"
