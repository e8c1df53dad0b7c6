import core.db.indexes
import core.db.triggers
import pgtrigger.migrations
from django.conf import settings
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations, models


class Migration(migrations.Migration):
    """What changes here is told to figures, in the transaction of the change."""

    dependencies = [
        ('core', '0009_figures'),
        ('engagement', '0007_notification_wordings'),
        ('performers', '0004_records_kept'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        # Before the first release there is no table with rows whose writers could wait.
        migrations.RunSQL("-- squawk-ignore-file require-concurrent-index-creation\n", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='follow',
            index=core.db.indexes.BTree(condition=models.Q(('ended_at__isnull', False)), fields=['performer', 'ended_at'], name='engagement_follow_performer_ended_at_idx', serves='analytics_performer_days_compute: whom a performer lost on a day'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='chatmessage',
            trigger=core.db.triggers.CompiledTrigger(name='93_tell_new', sql=core.db.triggers.TriggerSql(func="\nPERFORM figures_changed(t.source, t.subject, t.hour)\nFROM (SELECT DISTINCT c.source, c.subject, c.hour FROM (SELECT 'chat'::text AS source, (SELECT c.stream_id FROM engagement_chatroom c WHERE c.id = r.room_id) AS subject, date_trunc('hour', uuid_extract_timestamp(r.id), 'UTC') AS hour FROM written r WHERE r.kind <> 'system') c) t\nWHERE t.subject IS NOT NULL AND t.hour IS NOT NULL\nORDER BY t.source, t.subject, t.hour;\nRETURN NULL;", hash='b9860b2193890b67c133dbf95cb7f56b0717d9f1', level='STATEMENT', operation='INSERT', pgid='engagement_chatmessage_93_tell_new', referencing='REFERENCING NEW TABLE AS written ', security=' SECURITY DEFINER', table='engagement_chatmessage', when='AFTER', words='Tells figures which subjects and hours changed: chat.')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='chatmessage',
            trigger=core.db.triggers.CompiledTrigger(name='94_tell_changed', sql=core.db.triggers.TriggerSql(func="\nPERFORM figures_changed(t.source, t.subject, t.hour)\nFROM (SELECT DISTINCT c.source, c.subject, c.hour FROM (SELECT 'chat'::text AS source, (SELECT c.stream_id FROM engagement_chatroom c WHERE c.id = r.room_id) AS subject, date_trunc('hour', uuid_extract_timestamp(r.id), 'UTC') AS hour FROM gone r JOIN written o ON o.id = r.id AND ROW(r.status) IS DISTINCT FROM ROW(o.status) WHERE r.kind <> 'system' UNION SELECT 'chat'::text AS source, (SELECT c.stream_id FROM engagement_chatroom c WHERE c.id = r.room_id) AS subject, date_trunc('hour', uuid_extract_timestamp(r.id), 'UTC') AS hour FROM written r JOIN gone o ON o.id = r.id AND ROW(r.status) IS DISTINCT FROM ROW(o.status) WHERE r.kind <> 'system') c) t\nWHERE t.subject IS NOT NULL AND t.hour IS NOT NULL\nORDER BY t.source, t.subject, t.hour;\nRETURN NULL;", hash='eac03962eab258fa59a198c496b3e54a7bd3efac', level='STATEMENT', operation='UPDATE', pgid='engagement_chatmessage_94_tell_changed', referencing='REFERENCING OLD TABLE AS gone  NEW TABLE AS written ', security=' SECURITY DEFINER', settings=' SET enable_nestloop = off', table='engagement_chatmessage', when='AFTER', words='Tells figures which subjects and hours changed: chat.')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='follow',
            trigger=core.db.triggers.CompiledTrigger(name='93_tell_new', sql=core.db.triggers.TriggerSql(func="\nPERFORM figures_changed(t.source, t.subject, t.hour)\nFROM (SELECT DISTINCT c.source, c.subject, c.hour FROM (SELECT 'follows'::text AS source, r.performer_id AS subject, date_trunc('hour', r.created_at, 'UTC') AS hour FROM written r WHERE true UNION SELECT 'follows'::text AS source, r.performer_id AS subject, date_trunc('hour', r.ended_at, 'UTC') AS hour FROM written r WHERE true) c) t\nWHERE t.subject IS NOT NULL AND t.hour IS NOT NULL\nORDER BY t.source, t.subject, t.hour;\nRETURN NULL;", hash='582d5ba87b002fd476d43ed1135d1117416ca13a', level='STATEMENT', operation='INSERT', pgid='engagement_follow_93_tell_new', referencing='REFERENCING NEW TABLE AS written ', security=' SECURITY DEFINER', table='engagement_follow', when='AFTER', words='Tells figures which subjects and hours changed: follows, follows.')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='follow',
            trigger=core.db.triggers.CompiledTrigger(name='94_tell_changed', sql=core.db.triggers.TriggerSql(func="\nPERFORM figures_changed(t.source, t.subject, t.hour)\nFROM (SELECT DISTINCT c.source, c.subject, c.hour FROM (SELECT 'follows'::text AS source, r.performer_id AS subject, date_trunc('hour', r.created_at, 'UTC') AS hour FROM gone r JOIN written o ON o.id = r.id AND ROW(r.ended_at) IS DISTINCT FROM ROW(o.ended_at) WHERE true UNION SELECT 'follows'::text AS source, r.performer_id AS subject, date_trunc('hour', r.ended_at, 'UTC') AS hour FROM gone r JOIN written o ON o.id = r.id AND ROW(r.ended_at) IS DISTINCT FROM ROW(o.ended_at) WHERE true UNION SELECT 'follows'::text AS source, r.performer_id AS subject, date_trunc('hour', r.created_at, 'UTC') AS hour FROM written r JOIN gone o ON o.id = r.id AND ROW(r.ended_at) IS DISTINCT FROM ROW(o.ended_at) WHERE true UNION SELECT 'follows'::text AS source, r.performer_id AS subject, date_trunc('hour', r.ended_at, 'UTC') AS hour FROM written r JOIN gone o ON o.id = r.id AND ROW(r.ended_at) IS DISTINCT FROM ROW(o.ended_at) WHERE true) c) t\nWHERE t.subject IS NOT NULL AND t.hour IS NOT NULL\nORDER BY t.source, t.subject, t.hour;\nRETURN NULL;", hash='7de335b5805e5be560fef3566c894570555ec746', level='STATEMENT', operation='UPDATE', pgid='engagement_follow_94_tell_changed', referencing='REFERENCING OLD TABLE AS gone  NEW TABLE AS written ', security=' SECURITY DEFINER', settings=' SET enable_nestloop = off', table='engagement_follow', when='AFTER', words='Tells figures which subjects and hours changed: follows, follows.')),
        ),
    ]
