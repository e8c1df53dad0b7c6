"""Names by which the platform speaks: nobody may take them, or one that looks like them."""

from core.db.operations import SetLockTimeout
from django.db import migrations

NAMES = (
    "about admin administrator api billing contact everyone help here info legal login logout moderator news "
    "null official owner payments press privacy root safety security settings signup staff status superuser "
    "support system team terms trust undefined user verified versbottomlex vbl_official webmaster"
).split()


def reserve(apps, schema_editor):
    ReservedHandle = apps.get_model("accounts", "ReservedHandle")
    rows = [ReservedHandle(handle=name, reason="system") for name in NAMES]
    # A name that staff reserved before is left as it is.
    ReservedHandle.objects.bulk_create(rows, ignore_conflicts=True)


def release(apps, schema_editor):
    ReservedHandle = apps.get_model("accounts", "ReservedHandle")
    ReservedHandle.objects.filter(reason="system", handle__in=NAMES).delete()


class Migration(migrations.Migration):
    """Reference data; reversible."""

    dependencies = [("accounts", "0002_login_record")]
    operations = [SetLockTimeout("2s"), migrations.RunPython(reserve, release)]
