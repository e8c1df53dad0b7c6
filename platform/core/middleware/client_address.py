"""From which network address a request came, for those who record it without having the request."""

from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse

_address: ContextVar[str | None] = ContextVar("client_address", default=None)


def client_address() -> str | None:
    """The address of the request being answered; None outside of requests, and where the server knows none."""
    return _address.get()


def address_of(request: HttpRequest) -> str | None:
    """The address that the server saw, in normal form; None for a Unix socket or anything that is no address.

    Headers that a client may write are not looked at: a proxy in front sets REMOTE_ADDR.
    """
    try:
        return str(ip_address(str(request.META.get("REMOTE_ADDR", "")).partition("%")[0]))
    except ValueError:
        return None


class ClientAddressMiddleware:
    """Keeps the address for the time of the request. Stands before whatever records an address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _address.set(address_of(request))
        try:
            return self.get_response(request)
        finally:
            _address.reset(token)
