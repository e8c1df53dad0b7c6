"""Where payment providers send their messages. No session, no cookie, no form: the signature says who speaks."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.models.provider_event import LARGEST_BODY
from billing.services.provider_events import (
    account_of_address,
    provider_event_receive,
    provider_event_reject,
)
from core.middleware import as_login_role


@csrf_exempt
@as_login_role
@require_POST
def provider_message(request: HttpRequest, code: str) -> HttpResponse:
    """Take a message in. A 2xx means that it is kept; the provider sends it again after anything else.

    404: there is no such account. 413: larger than 1 MB; that it came is recorded. 400: the signature is not right; the
    message is quarantined. 200: kept, or kept before.
    """
    account = account_of_address(code)
    if account is None:
        return _said("There is no such address.", 404)
    headers = {name.lower(): value for name, value in request.headers.items()}
    body, said_bytes = _body(request)
    if body is None:
        provider_event_reject(account=account, said_bytes=said_bytes, headers=headers)
        return _said(f"A message has at most {LARGEST_BODY} bytes.", 413)
    received = provider_event_receive(account=account, body=body, headers=headers)
    if not received.is_taken:
        return _said("The signature is not right.", 400)
    return _said("Kept before." if received.is_repeated else "Kept.", 200)


def _body(request: HttpRequest) -> tuple[bytes | None, int]:
    """The bytes, and how many; None for the bytes where they are too many, which are then left unread."""
    try:
        said = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        said = 0
    if said > LARGEST_BODY:
        return None, said
    body = request.read(LARGEST_BODY + 1)
    return (body, len(body)) if len(body) <= LARGEST_BODY else (None, len(body))


def _said(words: str, status: int) -> HttpResponse:
    return JsonResponse({"message": words}, status=status)
