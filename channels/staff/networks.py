"""Where a request really comes from, and whether the console may be reached from there."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request


@dataclass(frozen=True, slots=True)
class Networks:
    """From where the console may be reached, and whose word about addresses counts."""

    allowed: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    """Empty: from anywhere."""
    proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def read(cls, allowed: str, proxies: str) -> Networks:
        """From comma-separated addresses and networks; `ValueError` names the one that is none."""
        return cls(_networks(allowed), _networks(proxies))

    def address_of(self, request: Request) -> str:
        """The browser's address: what a proxy says counts only from a proxy that we know."""
        peer = request.client.host if request.client else ""
        told = request.headers.get("x-forwarded-for", "")
        if told and _within(peer, self.proxies):
            # The last one was added by our own proxy; those before can be anybody's words.
            return told.rsplit(",", 1)[-1].strip()[:64]
        return peer

    def admits(self, address: str) -> bool:
        return not self.allowed or _within(address, self.allowed)


def _networks(
    text: str,
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(
        ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()
    )


def _within(
    address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)
