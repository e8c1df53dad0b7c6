from django.db import migrations, models

from core.db.operations import SetLockTimeout, SetStatementTimeout


class Migration(migrations.Migration):
    """Sign-ins may fail by lock-out and by the second factor."""

    dependencies = [
        ('accounts', '0004b_sessions_know_the_second_factor'),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        migrations.RemoveConstraint(
            model_name='loginevent',
            name='accounts_loginevent_failure_check',
        ),
        migrations.AlterField(
            model_name='loginevent',
            name='failure',
            field=models.TextField(choices=[('unknown_handle', 'No such account'), ('wrong_password', 'Wrong password'), ('barred', 'Barred from signing in'), ('not_active', 'Account not active'), ('no_role', 'No staff role in force'), ('locked_out', 'Locked out after failed attempts'), ('wrong_code', 'Wrong or expired code of the second factor'), ('replayed_code', 'Code of the second factor used before')], db_comment='Why the person was not let in; null: was let in.', null=True),
        ),
        migrations.AddConstraint(
            model_name='loginevent',
            constraint=models.CheckConstraint(condition=models.Q(('failure__in', ['unknown_handle', 'wrong_password', 'barred', 'not_active', 'no_role', 'locked_out', 'wrong_code', 'replayed_code'])), name='accounts_loginevent_failure_check', violation_error_message='Failure must be one of: unknown_handle, wrong_password, barred, not_active, no_role, locked_out, wrong_code, replayed_code.'),
        ),
    ]
