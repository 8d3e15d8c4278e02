"""Which addresses may be told. Pure.

Whoever registers a webhook makes this server send requests. None of them may reach what only this server can reach: the
machine itself, its network, or the service in which a cloud keeps its keys.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

from crm_boost.kit.errors import InvalidInput

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
_PROTOCOLS = IPv4Network("192.0.0.0/24")
"""Of some of these not every Python says that they are not global."""


def is_allowed(address: Address, *, loopback: bool) -> bool:
    """Whether a request may go to this address; `loopback`: also to this machine, for tests and for trying things out."""
    inner = _inside(address)
    if inner is not None:
        return is_allowed(inner, loopback=loopback)
    if address.is_loopback:
        return loopback
    if isinstance(address, IPv4Address) and address in _PROTOCOLS:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _inside(address: Address) -> IPv4Address | None:
    """Return the address that another one leads to: written the new way, or through a translator."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.sixtofour


def checked_url(text: str, *, loopback: bool) -> str:
    """Return an address that can be registered; 422 for any other. Names are resolved when something is sent, each time:
    what they mean can change."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise _refused("This is not an address.") from error
    if not url.host or url.fragment or url.userinfo:
        raise _refused("Use a plain address, without a name, a password or a fragment.")
    literal = literal_of(url.host)
    is_here = loopback and ((literal is not None and literal.is_loopback) or url.host == "localhost")
    if url.scheme != "https" and not (url.scheme == "http" and is_here):
        raise _refused("Use an address that begins with https://.", "https_only")
    if url.host == "localhost" and not loopback:
        raise _refused("This address is not on the open internet.", "address_not_public")
    if literal is not None and not is_allowed(literal, loopback=loopback):
        raise _refused("This address is not on the open internet.", "address_not_public")
    return str(url)


def literal_of(host: str) -> Address | None:
    """Return the address that a host is written as; None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _refused(message: str, code: str = "address_invalid") -> InvalidInput:
    return InvalidInput.of("url", message, code)
