from django.db import migrations


class Migration(migrations.Migration):
    """Where the parts of streams come together."""

    dependencies = [
        ("performers", "0004_branches_meet"),
        ("streams", "0002_text_search"),
        ("streams", "0004_archive_functions"),
        ("streams", "0007_broadcasting_functions"),
    ]

    operations = []
