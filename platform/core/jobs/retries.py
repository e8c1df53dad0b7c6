"""When a job that failed is tried again."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate.retry import BaseRetryStrategy, RetryDecision

from core.errors import Refused

_random = random.SystemRandom()


@dataclass(frozen=True)
class Backoff(BaseRetryStrategy):
    """Exponential waits with jitter: `first`, `first * factor`, ... seconds, `longest` at most.

    `attempts` counts all attempts, the first included; after the last the job is a dead letter. Each wait is
    shortened by a random part of up to a half, so that what failed together does not come back together. A rule
    that says no (`Refused`) says so again: it is not tried a second time.
    """

    attempts: int = 8
    first: float = 5
    factor: float = 3
    longest: float = 60 * 60

    def wait(self, attempt: int) -> timedelta:
        """How long to wait after the attempt of this number, from 1."""
        seconds = min(self.longest, self.first * self.factor ** (attempt - 1))
        return timedelta(seconds=seconds * _random.uniform(0.5, 1))

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:
        """procrastinate's question after a failure; None: never again."""
        attempt = job.attempts + 1
        if isinstance(exception, Refused) or attempt >= self.attempts:
            return None
        return RetryDecision(retry_at=datetime.now(UTC) + self.wait(attempt))


ONCE = Backoff(attempts=1)
"""No second attempt."""
