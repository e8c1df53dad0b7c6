from django.db import migrations


class Migration(migrations.Migration):
    """Where the parts of streams come together."""

    dependencies = [
        ("streams", "0002_text_search"),
        ("streams", "0004_broadcasting_functions"),
        ("streams", "0004_content_vocabulary"),
        ("streams", "0005_catalogue_functions"),
    ]

    operations = []
