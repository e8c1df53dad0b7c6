"""Many events at once, written as the owner, for tests and measurements of plans."""

from datetime import UTC, datetime, timedelta

from audit.models import Event, Label
from core.db.partitions.manager import ensure_partitions
from tests.sql import run

MONTHS = 3
BATCH = 50_000

# Of a hundred events, ninety are by fifty members of staff, the others by the system; subjects repeat about ten times.
PEOPLE = """
INSERT INTO accounts_user (handle, locale, time_zone, sign_up_source, signed_up_at, status)
SELECT 'staff_' || n, 'en', 'UTC', 'staff', now(), 'pending' FROM generate_series(1, 50) n
RETURNING id
"""
EVENTS = """
WITH made AS MATERIALIZED (
  SELECT uuidv7(make_interval(secs => -random() * {seconds})) AS id, n, random() AS r
  FROM generate_series(%s::integer, %s::integer) n
), labels AS (
  INSERT INTO audit_label (id, area, actor_label, subject_label, address, reason, salt)
  SELECT id, CASE WHEN n %% 10 < 7 THEN 'people' ELSE 'oversight' END, 'somebody', 'subject ' || n / 10, '10.0.0.1',
    'a reason that somebody gave', decode(repeat('00', 16), 'hex')
  FROM made
)
INSERT INTO audit_event (
  id, area, action, actor_id, acting_role, subject_type, subject_id, changed, detail, label_digest
)
SELECT id,
  CASE WHEN n %% 10 < 7 THEN 'people' ELSE 'oversight' END,
  CASE
    WHEN n %% 40 = 0 THEN 'user_suspended'
    ELSE (ARRAY['restriction_placed', 'restriction_lifted', 'flag_raised', 'signed_in'])[1 + n %% 4]
  END,
  CASE WHEN n %% 10 < 9 THEN (%s::uuid[])[1 + (r * 50)::int %% 50] END,
  'vbl_moderator',
  'accounts.user',
  md5((n / 10)::text)::uuid,
  '{{status}}',
  '{{}}',
  sha256('x')
FROM made
"""


def write_events(count: int) -> list[str]:
    """Write `count` events of the last three months and analyse the tables; returns the ids of the staff."""
    now = datetime.now(UTC)
    for model in (Event, Label):
        ensure_partitions(model, now - timedelta(days=31 * (MONTHS + 1)), now)
    staff = [str(row[0]) for row in run(PEOPLE)]
    seconds = 31 * MONTHS * 24 * 60 * 60
    for first in range(1, count + 1, BATCH):
        run(EVENTS.format(seconds=seconds), [first, min(first + BATCH - 1, count), staff])
    run("ANALYZE audit_event")
    run("ANALYZE audit_label")
    return staff
