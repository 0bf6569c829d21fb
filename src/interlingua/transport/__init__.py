"""Bytes in and out: connections, their clocks, and the framing of streams. Nothing here knows about models."""

from interlingua.transport.contract import HTTPRequest, HTTPResponse, Timeouts, Transport
from interlingua.transport.http1 import HTTPTransport
from interlingua.transport.injected import HTTPX2Transport
from interlingua.transport.sse import ServerSentEvent, SSEParser, render_event

__all__ = [
    "HTTPRequest",
    "HTTPResponse",
    "HTTPTransport",
    "HTTPX2Transport",
    "SSEParser",
    "ServerSentEvent",
    "Timeouts",
    "Transport",
    "render_event",
]
