"""Logs by structlog: lines for people in the demo, JSON in production, with the request's id and role."""

import logging
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

TRACES = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
"""Tracebacks without the values of variables: those of a sign-in hold a password. structlog shows them otherwise,
to people (`rich_traceback`) and in JSON (`dict_tracebacks`), and takes a second for it."""


def logging_settings(*, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING; sets structlog up on the way. Everything goes to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        drop_objects,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: list[Any] = (
        [structlog.processors.ExceptionRenderer(TRACES), structlog.processors.JSONRenderer()]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "house": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "house"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            # Its lines name the arguments of jobs; ours are in core.jobs.
            "procrastinate": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            "django.db.backends": {"level": logging.getLevelName(logging.WARNING)},
        },
    }


def drop_objects(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Leave out the request object that Django adds to its records: it holds cookies and form values."""
    event.pop("request", None)
    return event


class LogContextMiddleware:
    """Every line logged during a request carries the request's id and the acting role."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        role = getattr(request, "acting_role", None)
        with structlog.contextvars.bound_contextvars(
            request_id=str(getattr(request, "request_id", "")), acting_role=role.short if role else None
        ):
            return self.get_response(request)
