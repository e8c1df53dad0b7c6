from django.db import migrations


class Migration(migrations.Migration):
    """Where the parts of performers come together."""

    dependencies = [("performers", "0003_admission_functions"), ("performers", "0003_schedule_functions")]

    operations = []
