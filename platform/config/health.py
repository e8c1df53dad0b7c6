"""`/healthz`: does the site answer, and does its database? `/readyz`: is all well?"""

import threading
import time
from collections.abc import Callable

import structlog
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.db.unavailable import DatabaseUnavailable
from core.health import State, take_health

PATH = "/healthz"
READY_PATH = "/readyz"
FRESH = 2.0
"""Seconds for which an answer of READY_PATH is given again: nobody can make the database work by asking often."""

NO_STORE = {"Cache-Control": "no-store"}
logger = structlog.get_logger(__name__)


class HealthMiddleware:
    """Answers both before anything else: no host check, no redirect to HTTPS, no session, no role."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == PATH:
            return health()
        if request.path_info == READY_PATH:
            return readiness.answer()
        return self.get_response(request)


def health() -> HttpResponse:
    """200 and `{"database": "ok"}`, or 503 when a query cannot be answered. For balancers: it says nothing of jobs."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (Error, DatabaseUnavailable) as error:
        logger.warning("the database does not answer", error=str(error))
        return JsonResponse({"database": "unavailable"}, status=503, headers=NO_STORE)
    return JsonResponse({"database": "ok"}, headers=NO_STORE)


class Readiness:
    """The findings of all checks, for monitors: 200, or 503 when one failed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._answer: tuple[dict[str, object], int] = ({}, 503)

    def answer(self) -> HttpResponse:
        """The present findings, or those of a moment ago."""
        with self._lock:
            if time.monotonic() - self._asked > FRESH:
                taken = take_health()
                self._answer = (taken.as_json(), 503 if taken.state is State.FAILED else 200)
                self._asked = time.monotonic()
            findings, status = self._answer
        return JsonResponse(findings, status=status, headers=NO_STORE)

    def forget(self) -> None:
        """Ask again at the next request."""
        self._asked = float("-inf")


readiness = Readiness()
