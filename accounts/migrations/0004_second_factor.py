import core.db.policies
import core.db.triggers
import core.encryption.fields
import core.models.identity
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.lookups
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from core.db.operations import SetLockTimeout, SetStatementTimeout


class Migration(migrations.Migration):
    """Authenticator apps and recovery codes."""

    dependencies = [
        ('accounts', '0003_reserve_handles_of_the_platform'),
        ('core', '0003_encryption_functions'),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.UUIDField(db_comment='Identity of the row: UUIDv7, which carries its instant of creation.', db_default=core.models.identity.UUIDv7(), default=core.models.identity.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_comment='When the row was written (UTC); kept by trigger.', db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_comment='When the row last changed (UTC); kept by trigger.', db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('user', models.ForeignKey(db_comment='Whom it signs in.', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
                ('digest', models.BinaryField(db_comment='SHA-256 of the code, without hyphens. Privacy: none.', max_length=32)),
                ('used_at', models.DateTimeField(blank=True, db_comment='When it was used (UTC); null: it still serves.', null=True)),
            ],
            options={
                'verbose_name': 'recovery code',
                'db_table_comment': 'One row per recovery code of a second factor, ten at a time. Written by accounts.services.recovery_codes. Deleted when new ones are made or the second factor ends.',
            },
        ),
        migrations.CreateModel(
            name='TotpDevice',
            fields=[
                ('id', models.UUIDField(db_comment='Identity of the row: UUIDv7, which carries its instant of creation.', db_default=core.models.identity.UUIDv7(), default=core.models.identity.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_comment='When the row was written (UTC); kept by trigger.', db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_comment='When the row last changed (UTC); kept by trigger.', db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('user', models.OneToOneField(db_comment='Whose app it is.', on_delete=django.db.models.deletion.CASCADE, related_name='totp_device', to=settings.AUTH_USER_MODEL)),
                ('secret', core.encryption.fields.EncryptedTextField(db_comment='Secret shared with the app: 160 random bits, base32. Privacy: encrypted.')),
                ('confirmed_at', models.DateTimeField(db_comment='When the first code of the app passed (UTC).')),
                ('drift', models.SmallIntegerField(db_comment='By how many steps of 30 seconds the clock of the app runs ahead of ours.', db_default=0)),
                ('last_t', models.BigIntegerField(db_comment='Step (30 seconds since 1970, drift included) of the latest code that passed; only later ones do.')),
                ('last_used_at', models.DateTimeField(db_comment='When a code of the app last passed (UTC).')),
                ('throttling_failure_timestamp', models.DateTimeField(blank=True, db_comment='When the latest wrong code was entered (UTC); null: the last one was right.', null=True)),
                ('throttling_failure_count', models.PositiveIntegerField(db_comment='How many wrong codes in a row; each doubles the wait until the next.', db_default=0, default=0)),
            ],
            options={
                'verbose_name': 'authenticator app',
                'db_table_comment': 'One row per person with an authenticator app as second factor. Written by accounts.services.second_factor. Deleted when the app is removed, replaced or reset.',
            },
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=models.UniqueConstraint(fields=('user', 'digest'), name='accounts_recoverycode_user_digest_key', nulls_distinct=False, violation_error_message='This code exists already.'),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(models.Func(models.F('digest'), function='octet_length', output_field=models.IntegerField()), 32), name='accounts_recoverycode_digest_check', violation_error_message='A digest has 32 bytes.'),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=core.db.policies.Policy(command='select', name='accounts_recoverycode_app_select', role='vbl_app', using="user_id = (select nullif(current_setting('app.user_id', true), '')::uuid)"),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=core.db.policies.Policy(check="user_id = (select nullif(current_setting('app.user_id', true), '')::uuid)", command='insert', name='accounts_recoverycode_app_insert', role='vbl_app'),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=core.db.policies.Policy(command='update', name='accounts_recoverycode_app_update', role='vbl_app', using="user_id = (select nullif(current_setting('app.user_id', true), '')::uuid)"),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=core.db.policies.Policy(command='delete', name='accounts_recoverycode_app_delete', role='vbl_app', using="user_id = (select nullif(current_setting('app.user_id', true), '')::uuid)"),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=core.db.policies.OwnerPolicy(name='accounts_recoverycode_owner_all'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recoverycode',
            trigger=core.db.triggers.CompiledTrigger(name='10_touch', sql=core.db.triggers.TriggerSql(func="\nIF TG_OP = 'INSERT' THEN\n  NEW.created_at := now(); NEW.updated_at := now(); \nELSE\n  NEW.created_at := OLD.created_at; NEW.updated_at := OLD.updated_at; \n  NEW.updated_at := now(); \nEND IF;\nRETURN NEW;", hash='0b0e687b083eaaff9983bc6cd2756e92f93c1cfb', operation='INSERT OR UPDATE', pgid='accounts_recoverycode_10_touch', security='', table='accounts_recoverycode', when='BEFORE', words='Sets the times of creation and last change, whatever the statement says.')),
        ),
        migrations.AddConstraint(
            model_name='totpdevice',
            constraint=models.CheckConstraint(condition=models.Q(('drift__range', (-10, 10))), name='accounts_totpdevice_drift_check', violation_error_message='The clock of the app is too far off.'),
        ),
        migrations.AddConstraint(
            model_name='totpdevice',
            constraint=core.db.policies.Policy(command='select', name='accounts_totpdevice_app_select', role='vbl_app', using='true'),
        ),
        migrations.AddConstraint(
            model_name='totpdevice',
            constraint=core.db.policies.Policy(check="user_id = (select nullif(current_setting('app.user_id', true), '')::uuid)", command='insert', name='accounts_totpdevice_app_insert', role='vbl_app'),
        ),
        migrations.AddConstraint(
            model_name='totpdevice',
            constraint=core.db.policies.Policy(command='update', name='accounts_totpdevice_app_update', role='vbl_app', using="user_id = (select nullif(current_setting('app.user_id', true), '')::uuid)"),
        ),
        migrations.AddConstraint(
            model_name='totpdevice',
            constraint=core.db.policies.Policy(command='delete', name='accounts_totpdevice_app_delete', role='vbl_app', using="user_id = (select nullif(current_setting('app.user_id', true), '')::uuid)"),
        ),
        migrations.AddConstraint(
            model_name='totpdevice',
            constraint=core.db.policies.OwnerPolicy(name='accounts_totpdevice_owner_all'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='totpdevice',
            trigger=core.db.triggers.CompiledTrigger(name='10_touch', sql=core.db.triggers.TriggerSql(func="\nIF TG_OP = 'INSERT' THEN\n  NEW.created_at := now(); NEW.updated_at := now(); \nELSE\n  NEW.created_at := OLD.created_at; NEW.updated_at := OLD.updated_at; \n  IF NOT (coalesce(current_setting('app.key_purpose', true), '') = 'rotate' AND current_user = 'vbl_owner' AND ROW(NEW.id, NEW.user_id, NEW.confirmed_at, NEW.drift, NEW.last_t, NEW.last_used_at, NEW.throttling_failure_timestamp, NEW.throttling_failure_count) IS NOT DISTINCT FROM ROW(OLD.id, OLD.user_id, OLD.confirmed_at, OLD.drift, OLD.last_t, OLD.last_used_at, OLD.throttling_failure_timestamp, OLD.throttling_failure_count)) THEN NEW.updated_at := now();  ELSE NEW.updated_at := OLD.updated_at; END IF;\nEND IF;\nRETURN NEW;", hash='44d66843f817b525f03e488c30593bbb7f474de1', operation='INSERT OR UPDATE', pgid='accounts_totpdevice_10_touch', security='', table='accounts_totpdevice', when='BEFORE', words='Sets the times of creation and last change, whatever the statement says.')),
        ),
        migrations.AlterModelOptions(
            name='user',
            options={'permissions': [('restrict_user', 'Can restrict people and lift restrictions'), ('suspend_user', 'Can suspend and reinstate people'), ('close_user', 'Can close accounts'), ('rename_user', 'Can change handles'), ('flag_user', 'Can raise and resolve flags'), ('reset_second_factor', 'Can reset second factors of colleagues'), ('lift_lock_out', 'Can lift lock-outs')], 'verbose_name': 'person', 'verbose_name_plural': 'people'},
        ),
    ]
