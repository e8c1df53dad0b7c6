from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

HORIZON = """
  SELECT e.shift + pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  FROM billing_ledgerepoch e ORDER BY e.number DESC LIMIT 1
"""

TOUCH = """
  INSERT INTO analytics_rolluptouch (id, rollup, subject, start) VALUES (uuidv7(), $1, $2, $3)
"""

STUB = "SELECT"

CHANGED = """
  INSERT INTO analytics_rolluptouch (id, rollup, subject, start)
  SELECT uuidv7(), m.rollup,
    CASE WHEN m.is_platform THEN '00000000-0000-0000-0000-000000000000'::uuid ELSE $2 END,
    date_trunc(m.grain, $3, 'UTC')
  FROM analytics_rollupsource m WHERE m.source = $1
"""


def _figures_changed(body, comment, previous=None):
    return CreateFunction(
        "figures_changed",
        "source text, subject uuid, at timestamp with time zone",
        "void",
        body,
        language="sql",
        definer=True,
        comment=comment,
        previous=previous,
    )


class Migration(migrations.Migration):
    """Sources tell of what changed, and roll-ups know what is final."""

    dependencies = [
        ("analytics", "0001_playback_tables"),
        ("billing", "0002_ledger_functions"),
        ("core", "0009_figures"),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "analytics_horizon",
            "",
            "bigint",
            HORIZON,
            language="sql",
            definer=True,
            comment=(
                "The moment of the ledger's time before which no transaction runs any more: what was touched before it "
                "is final. For the worker."
            ),
        ),
        CreateFunction(
            "analytics_touch",
            "rollup text, subject uuid, start timestamp with time zone",
            "void",
            TOUCH,
            language="sql",
            definer=True,
            comment="Has one bucket of a roll-up computed anew by its next run. For triggers and the worker.",
        ),
        _figures_changed(
            CHANGED,
            "Told of each subject and hour of which something that is counted changed: touches the buckets of the "
            "roll-ups that count it, as analytics_rollupsource says. For triggers and the worker.",
            previous=_figures_changed(
                STUB, "Told of each subject and hour of which something that is counted changed. Here: nothing."
            ),
        ),
    ]
