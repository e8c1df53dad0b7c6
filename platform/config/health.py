"""`/healthz`: does the site answer, and does its database?"""

from collections.abc import Callable

import structlog
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.db.unavailable import DatabaseUnavailable

PATH = "/healthz"
logger = structlog.get_logger(__name__)


class HealthMiddleware:
    """Answers PATH before anything else: no host check, no redirect to HTTPS, no session, no role."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return health() if request.path_info == PATH else self.get_response(request)


def health() -> HttpResponse:
    """200 and `{"database": "ok"}`, or 503 when a query cannot be answered."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (Error, DatabaseUnavailable) as error:
        logger.warning("the database does not answer", error=str(error))
        return JsonResponse({"database": "unavailable"}, status=503, headers={"Cache-Control": "no-store"})
    return JsonResponse({"database": "ok"}, headers={"Cache-Control": "no-store"})
