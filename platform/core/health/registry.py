"""The checks of health, and how they are asked. Apps add theirs in a module `health`:

    @health_check("seals")
    def seals_keep_up() -> Finding:
        return ok("The trail is sealed up to the present.", lag_seconds=lag)

A check reads little, as the login role, and says nothing personal or secret: its words are shown to anybody who can
reach `/readyz`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import Error, connection, transaction
from django.db.models import TextChoices
from django.utils.module_loading import autodiscover_modules

from core.db.unavailable import DatabaseUnavailable

PATIENCE = "2s"
"""How long one statement of a check may take."""

logger = structlog.get_logger(__name__)


class State(TextChoices):
    """How something stands; a warning wants somebody's eye, a failure their hands."""

    OK = "ok", "ok"
    WARNING = "warning", "warning"
    FAILED = "failed", "failed"


@dataclass(frozen=True)
class Finding:
    """What one check found: its state, a sentence, and numbers by name (units in the name)."""

    state: State
    words: str
    numbers: dict[str, Any] = field(default_factory=dict)


def ok(words: str, **numbers: Any) -> Finding:
    """All is well."""
    return Finding(State.OK, words, numbers)


def warning(words: str, **numbers: Any) -> Finding:
    """Somebody should look, today; the platform works."""
    return Finding(State.WARNING, words, numbers)


def failed(words: str, **numbers: Any) -> Finding:
    """Something does not work, or soon will not."""
    return Finding(State.FAILED, words, numbers)


@dataclass(frozen=True)
class Health:
    """The findings of all checks by name."""

    findings: dict[str, Finding]

    @property
    def state(self) -> State:
        """The worst of them."""
        order = list(State)
        return max((finding.state for finding in self.findings.values()), key=order.index, default=State.OK)

    def as_json(self) -> dict[str, Any]:
        """For machines: `{"state": ..., "checks": {name: {"state": ..., "words": ..., numbers}}}`."""
        return {
            "state": self.state.value,
            "checks": {
                name: {**finding.numbers, "state": finding.state.value, "words": finding.words}
                for name, finding in self.findings.items()
            },
        }


_checks: dict[str, Callable[[], Finding]] = {}


def health_check(name: str) -> Callable[[Callable[[], Finding]], Callable[[], Finding]]:
    """Add a check under a name. Raises ValueError when the name is taken."""

    def register(check: Callable[[], Finding]) -> Callable[[], Finding]:
        if name in _checks:
            raise ValueError(f"There are two checks of health called {name}.")
        _checks[name] = check
        return check

    return register


def take_health() -> Health:
    """Ask every check, in one transaction that changes nothing. Raises nothing: what cannot be asked has failed."""
    from core.health import checks  # noqa: F401  (registers those of the kernel, first)

    autodiscover_modules("health")

    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'")
            findings = {"database": ok("It answers.")}
            for name, check in _checks.items():
                findings[name] = _ask(name, check)
    except (Error, DatabaseUnavailable) as error:
        logger.warning("the database does not answer", error=type(error).__name__)
        return Health({"database": failed("It does not answer.")})
    return Health(findings)


def _ask(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        with transaction.atomic():
            return check()
    except Exception as error:  # a probe answers, whatever is broken
        logger.warning("a check of health failed", check=name, error=str(error))
        return failed("It could not be found out; the log of this process says why.")
