from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Every failure on record has a reason that exists; read without keeping anybody from signing in."""

    dependencies = [("accounts", "0004d_second_factor_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("5min"),
        ValidateConstraint("loginevent", "accounts_loginevent_failure_check"),
    ]
