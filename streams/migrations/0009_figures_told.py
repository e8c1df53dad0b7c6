import core.db.triggers
import pgtrigger.migrations
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations


class Migration(migrations.Migration):
    """What changes here is told to figures, in the transaction of the change."""

    dependencies = [
        ('core', '0009_figures'),
        ('streams', '0008_records_kept'),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        pgtrigger.migrations.AddTrigger(
            model_name='stream',
            trigger=core.db.triggers.CompiledTrigger(name='93_tell_new', sql=core.db.triggers.TriggerSql(func="\nPERFORM figures_changed(t.source, t.subject, t.hour)\nFROM (SELECT DISTINCT c.source, c.subject, c.hour FROM (SELECT 'streams'::text AS source, r.id AS subject, date_trunc('hour', generate_series(date_trunc('hour', r.started_at, 'UTC'), coalesce(r.ended_at, r.started_at), '1 hour'), 'UTC') AS hour FROM written r WHERE true UNION SELECT 'performer_streams'::text AS source, r.performer_id AS subject, date_trunc('hour', generate_series(date_trunc('hour', r.started_at, 'UTC'), coalesce(r.ended_at, r.started_at), '1 hour'), 'UTC') AS hour FROM written r WHERE true) c) t\nWHERE t.subject IS NOT NULL AND t.hour IS NOT NULL\nORDER BY t.source, t.subject, t.hour;\nRETURN NULL;", hash='249c3235e8a0d32add498a980d89cb6295afe390', level='STATEMENT', operation='INSERT', pgid='streams_stream_93_tell_new', referencing='REFERENCING NEW TABLE AS written ', security=' SECURITY DEFINER', table='streams_stream', when='AFTER', words='Tells figures which subjects and hours changed: streams, performer_streams.')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stream',
            trigger=core.db.triggers.CompiledTrigger(name='94_tell_changed', sql=core.db.triggers.TriggerSql(func="\nPERFORM figures_changed(t.source, t.subject, t.hour)\nFROM (SELECT DISTINCT c.source, c.subject, c.hour FROM (SELECT 'streams'::text AS source, r.id AS subject, date_trunc('hour', generate_series(date_trunc('hour', r.started_at, 'UTC'), coalesce(r.ended_at, r.started_at), '1 hour'), 'UTC') AS hour FROM gone r JOIN written o ON o.id = r.id AND ROW(r.started_at, r.ended_at) IS DISTINCT FROM ROW(o.started_at, o.ended_at) WHERE true UNION SELECT 'performer_streams'::text AS source, r.performer_id AS subject, date_trunc('hour', generate_series(date_trunc('hour', r.started_at, 'UTC'), coalesce(r.ended_at, r.started_at), '1 hour'), 'UTC') AS hour FROM gone r JOIN written o ON o.id = r.id AND ROW(r.started_at, r.ended_at) IS DISTINCT FROM ROW(o.started_at, o.ended_at) WHERE true UNION SELECT 'streams'::text AS source, r.id AS subject, date_trunc('hour', generate_series(date_trunc('hour', r.started_at, 'UTC'), coalesce(r.ended_at, r.started_at), '1 hour'), 'UTC') AS hour FROM written r JOIN gone o ON o.id = r.id AND ROW(r.started_at, r.ended_at) IS DISTINCT FROM ROW(o.started_at, o.ended_at) WHERE true UNION SELECT 'performer_streams'::text AS source, r.performer_id AS subject, date_trunc('hour', generate_series(date_trunc('hour', r.started_at, 'UTC'), coalesce(r.ended_at, r.started_at), '1 hour'), 'UTC') AS hour FROM written r JOIN gone o ON o.id = r.id AND ROW(r.started_at, r.ended_at) IS DISTINCT FROM ROW(o.started_at, o.ended_at) WHERE true) c) t\nWHERE t.subject IS NOT NULL AND t.hour IS NOT NULL\nORDER BY t.source, t.subject, t.hour;\nRETURN NULL;", hash='2231626760d2cece89a738c535077b0b369d91b0', level='STATEMENT', operation='UPDATE', pgid='streams_stream_94_tell_changed', referencing='REFERENCING OLD TABLE AS gone  NEW TABLE AS written ', security=' SECURITY DEFINER', settings=' SET enable_nestloop = off', table='streams_stream', when='AFTER', words='Tells figures which subjects and hours changed: streams, performer_streams.')),
        ),
    ]
