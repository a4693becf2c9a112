from __future__ import annotations

import pytest
from fastapi import Request

from channels.staff.networks import Networks


def request(peer: str, forwarded: str = "") -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


def test_what_a_proxy_says_counts_only_from_a_proxy_that_we_know() -> None:
    networks = Networks.read("", "10.0.0.1")
    assert networks.address_of(request("10.0.0.1", "192.168.7.7")) == "192.168.7.7"
    assert networks.address_of(request("10.0.0.9", "192.168.7.7")) == "10.0.0.9"


def test_of_several_forwarded_addresses_the_one_that_our_proxy_added_counts() -> None:
    networks = Networks.read("", "10.0.0.1")
    assert networks.address_of(request("10.0.0.1", "127.0.0.1, 192.168.7.7")) == "192.168.7.7"


def test_with_a_list_only_addresses_on_it_are_admitted() -> None:
    networks = Networks.read("192.168.7.0/24, 2001:db8::/32", "")
    assert networks.admits("192.168.7.200")
    assert networks.admits("2001:db8::7")
    assert not networks.admits("192.168.8.1")
    assert not networks.admits("not an address")


def test_without_a_list_everybody_is_admitted() -> None:
    assert Networks.read("", "").admits("203.0.113.9")


def test_a_setting_that_is_no_network_is_told_at_the_start() -> None:
    with pytest.raises(ValueError, match="office"):
        Networks.read("office", "")
