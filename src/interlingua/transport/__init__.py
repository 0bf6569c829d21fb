"""Bytes in and out: connections and their clocks. Nothing here knows about models."""

from interlingua.transport.contract import HTTPRequest, HTTPResponse, Timeouts, Transport
from interlingua.transport.http1 import HTTPTransport
from interlingua.transport.injected import HTTPX2Transport

__all__ = [
    "HTTPRequest",
    "HTTPResponse",
    "HTTPTransport",
    "HTTPX2Transport",
    "Timeouts",
    "Transport",
]
