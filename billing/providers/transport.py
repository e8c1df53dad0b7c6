"""HTTP to a provider: a request in, a response out, and a word for what never arrived."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

PATIENCE_SECONDS = 20
LARGEST_ANSWER = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request. `body` is empty for a GET."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, whatever its status."""

    status: int
    body: bytes


class NoAnswer(Exception):
    """Nothing came back: the request may have arrived or not."""


Send = Callable[[HttpCall], HttpAnswer]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A provider's interface does not move; the secret goes to nobody else."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def http_send(call: HttpCall, *, patience: float = PATIENCE_SECONDS) -> HttpAnswer:
    """Send it over the network. Raises NoAnswer after `patience` seconds, and when the connection breaks."""
    request = urllib.request.Request(  # noqa: S310  (the address is the adapter's own)
        call.url, data=call.body or None, headers=dict(call.headers), method=call.method
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=patience) as response:
            return HttpAnswer(response.status, response.read(LARGEST_ANSWER))
    except urllib.error.HTTPError as error:
        with error:
            return HttpAnswer(error.code, error.read(LARGEST_ANSWER))
    except (TimeoutError, urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise NoAnswer(type(error).__name__) from error
