from django.db import migrations, models

from core.db.operations import SetLockTimeout, SetStatementTimeout


class Migration(migrations.Migration):
    """A session says when the second factor was passed, and its last use to the minute."""

    dependencies = [
        ('accounts', '0004_second_factor'),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        migrations.AddField(
            model_name='usersession',
            name='second_factor_at',
            field=models.DateTimeField(blank=True, db_comment='When the second factor was last passed (UTC); null: not asked for.', null=True),
        ),
        # Django would state the type of the column anew, which is a change of type to whoever reads the SQL.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "COMMENT ON COLUMN accounts_usersession.last_used_at IS "
                    "'When the session was last used (UTC), to one minute.'",
                    "COMMENT ON COLUMN accounts_usersession.last_used_at IS "
                    "'When the session was last used (UTC), to five minutes.'",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='usersession',
                    name='last_used_at',
                    field=models.DateTimeField(db_comment='When the session was last used (UTC), to one minute.'),
                ),
            ],
        ),
    ]
