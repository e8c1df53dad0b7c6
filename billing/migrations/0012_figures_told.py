import core.db.indexes
import core.db.triggers
import pgtrigger.migrations
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations


class Migration(migrations.Migration):
    """What changes here is told to figures, in the transaction of the change."""

    dependencies = [
        ('core', '0009_figures'),
        ('billing', '0011_reconciliation'),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        # Before the first release there is no table with rows whose writers could wait.
        migrations.RunSQL("-- squawk-ignore-file require-concurrent-index-creation\n", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='subscription',
            index=core.db.indexes.BTree(fields=['ended_at'], name='billing_subscription_ended_at_idx', serves='analytics.retention_cohort: subscriptions that lived within a period'),
        ),
        migrations.AddIndex(
            model_name='journalentry',
            index=core.db.indexes.Brin(autosummarize=True, fields=['booked_on'], name='billing_journalentry_booked_on_idx', pages_per_range=32, serves='analytics_revenue_compute: the entries of a day of the books'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='journalentry',
            trigger=core.db.triggers.CompiledTrigger(name='93_tell_new', sql=core.db.triggers.TriggerSql(func="\nPERFORM figures_changed(t.source, t.subject, t.hour)\nFROM (SELECT DISTINCT c.source, c.subject, c.hour FROM (SELECT 'ledger'::text AS source, '00000000-0000-0000-0000-000000000000'::uuid AS subject, date_trunc('hour', r.booked_on::timestamp AT TIME ZONE 'UTC', 'UTC') AS hour FROM written r WHERE true) c) t\nWHERE t.subject IS NOT NULL AND t.hour IS NOT NULL\nORDER BY t.source, t.subject, t.hour;\nRETURN NULL;", hash='4b6114c61693ae737fdc4f56c03af4474a429554', level='STATEMENT', operation='INSERT', pgid='billing_journalentry_93_tell_new', referencing='REFERENCING NEW TABLE AS written ', security=' SECURITY DEFINER', table='billing_journalentry', when='AFTER', words='Tells figures which subjects and hours changed: ledger.')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='spendreversal',
            trigger=core.db.triggers.CompiledTrigger(name='93_tell_new', sql=core.db.triggers.TriggerSql(func="\nPERFORM figures_changed(t.source, t.subject, t.hour)\nFROM (SELECT DISTINCT c.source, c.subject, c.hour FROM (SELECT 'spends'::text AS source, (SELECT s.performer_id FROM billing_tokenspend s WHERE s.id = r.spend_id) AS subject, date_trunc('hour', (SELECT s.spent_at FROM billing_tokenspend s WHERE s.id = r.spend_id), 'UTC') AS hour FROM written r WHERE true UNION SELECT 'stream_spends'::text AS source, (SELECT s.stream_id FROM billing_tokenspend s WHERE s.id = r.spend_id) AS subject, date_trunc('hour', (SELECT s.spent_at FROM billing_tokenspend s WHERE s.id = r.spend_id), 'UTC') AS hour FROM written r WHERE true UNION SELECT 'reversals'::text AS source, (SELECT s.performer_id FROM billing_tokenspend s WHERE s.id = r.spend_id) AS subject, date_trunc('hour', r.reversed_at, 'UTC') AS hour FROM written r WHERE true) c) t\nWHERE t.subject IS NOT NULL AND t.hour IS NOT NULL\nORDER BY t.source, t.subject, t.hour;\nRETURN NULL;", hash='d9acd453e0fca7d2edc93fb532cf06bb2f2e6861', level='STATEMENT', operation='INSERT', pgid='billing_spendreversal_93_tell_new', referencing='REFERENCING NEW TABLE AS written ', security=' SECURITY DEFINER', table='billing_spendreversal', when='AFTER', words='Tells figures which subjects and hours changed: spends, stream_spends, reversals.')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tokenspend',
            trigger=core.db.triggers.CompiledTrigger(name='93_tell_new', sql=core.db.triggers.TriggerSql(func="\nPERFORM figures_changed(t.source, t.subject, t.hour)\nFROM (SELECT DISTINCT c.source, c.subject, c.hour FROM (SELECT 'spends'::text AS source, r.performer_id AS subject, date_trunc('hour', r.spent_at, 'UTC') AS hour FROM written r WHERE true UNION SELECT 'stream_spends'::text AS source, r.stream_id AS subject, date_trunc('hour', r.spent_at, 'UTC') AS hour FROM written r WHERE true) c) t\nWHERE t.subject IS NOT NULL AND t.hour IS NOT NULL\nORDER BY t.source, t.subject, t.hour;\nRETURN NULL;", hash='57a76167be6dc3f904e3d1dd1fbe244fd1516360', level='STATEMENT', operation='INSERT', pgid='billing_tokenspend_93_tell_new', referencing='REFERENCING NEW TABLE AS written ', security=' SECURITY DEFINER', table='billing_tokenspend', when='AFTER', words='Tells figures which subjects and hours changed: spends, stream_spends.')),
        ),
    ]
