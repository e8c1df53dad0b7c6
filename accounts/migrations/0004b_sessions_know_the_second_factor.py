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
        migrations.AlterField(
            model_name='usersession',
            name='last_used_at',
            field=models.DateTimeField(db_comment='When the session was last used (UTC), to one minute.'),
        ),
    ]
