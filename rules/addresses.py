"""Which addresses may be connected to at all: the one decision for everything that goes out, whoever makes the connection.

It stands on the ground floor because connectors and alerts, which are strangers, both ask it. It opens nothing and looks
nothing up: who connects resolves the name, asks here, and connects to the very address that was asked about.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TypeAlias

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class Forbidden(Exception):
    """The destination is not among those that the settings allow."""


def permitted(address: IpAddress, networks: Sequence[IpNetwork]) -> bool:
    """Say whether this address may be connected to.

    With ``networks`` it has to lie in one of them. Without, any address of another machine will do: the public ones and
    those of the internal network (政务外网), never this machine itself nor link-local (where clouds keep secrets).
    """
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    plain = mapped or address
    if networks:
        return any(plain in network for network in networks)
    itself = plain.is_loopback or plain.is_unspecified
    return not (itself or plain.is_link_local or plain.is_multicast or plain.is_reserved)


def permitted_text(address: str, networks: Sequence[IpNetwork]) -> bool:
    """Say whether the address written like this, with or without a scope, may be connected to."""
    return permitted(ipaddress.ip_address(address.partition("%")[0]), networks)


def is_address(host: str) -> bool:
    """Say whether a host is written as an address, so that no name has to be looked up."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
