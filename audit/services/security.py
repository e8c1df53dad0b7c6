"""What may be an attack."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from audit.choices import SecurityKind, Severity
from core.middleware.client_address import client_address


def security_event_record(
    *,
    kind: SecurityKind,
    severity: Severity,
    person_id: UUID | None = None,
    address: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> UUID:
    """Write one security event; returns its id.

    Actor and role are those of the transaction. `person_id` is whose account is in danger; `address` defaults to
    that of the request. `detail` holds no personal data.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT security_record(%s, %s, %s, %s::inet, %s::jsonb)",
            [
                kind.value,
                severity.value,
                person_id,
                address or client_address(),
                json.dumps(dict(detail or {})),
            ],
        )
        (event_id,) = cursor.fetchone()
    return UUID(str(event_id))
