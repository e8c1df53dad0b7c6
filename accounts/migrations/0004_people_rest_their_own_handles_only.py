import core.db.policies
from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever may change a handle may let the freed one rest again; people reserve nothing but their own.

    Display names: control signs of the second range and signs without width are refused as well.
    """

    dependencies = [
        ('accounts', '0003_reserve_handles_of_the_platform'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reservedhandle',
            name='accounts_reservedhandle_viewer_insert',
        ),
        migrations.RemoveConstraint(
            model_name='viewerprofile',
            name='accounts_viewerprofile_display_name_format_check',
        ),
        migrations.AddConstraint(
            model_name='historicalreservedhandle',
            constraint=core.db.policies.Policy(check="history_user_id IS NOT DISTINCT FROM (select nullif(current_setting('app.user_id', true), '')::uuid)", command='insert', name='accounts_historicalreservedhandle_performer_insert', role='vbl_performer'),
        ),
        migrations.AddConstraint(
            model_name='reservedhandle',
            constraint=core.db.policies.Policy(command='select', name='accounts_reservedhandle_performer_select', role='vbl_performer', using='true'),
        ),
        migrations.AddConstraint(
            model_name='reservedhandle',
            constraint=core.db.policies.Policy(check="reason = 'quarantine' AND previous_owner_id = (select nullif(current_setting('app.user_id', true), '')::uuid)", command='insert', name='accounts_reservedhandle_viewer_insert', role='vbl_viewer'),
        ),
        migrations.AddConstraint(
            model_name='reservedhandle',
            constraint=core.db.policies.Policy(check="reason = 'quarantine' AND previous_owner_id = (select nullif(current_setting('app.user_id', true), '')::uuid)", command='insert', name='accounts_reservedhandle_performer_insert', role='vbl_performer'),
        ),
        migrations.AddConstraint(
            model_name='reservedhandle',
            constraint=core.db.policies.Policy(check="reason = 'quarantine' AND previous_owner_id = (select nullif(current_setting('app.user_id', true), '')::uuid)", command='update', name='accounts_reservedhandle_viewer_update', role='vbl_viewer', using="reason = 'quarantine' AND (previous_owner_id = (select nullif(current_setting('app.user_id', true), '')::uuid) OR reserved_until <= now())"),
        ),
        migrations.AddConstraint(
            model_name='reservedhandle',
            constraint=core.db.policies.Policy(check="reason = 'quarantine' AND previous_owner_id = (select nullif(current_setting('app.user_id', true), '')::uuid)", command='update', name='accounts_reservedhandle_performer_update', role='vbl_performer', using="reason = 'quarantine' AND (previous_owner_id = (select nullif(current_setting('app.user_id', true), '')::uuid) OR reserved_until <= now())"),
        ),
        migrations.AddConstraint(
            model_name='reservedhandle',
            constraint=core.db.policies.Policy(command='update', name='accounts_reservedhandle_support_update', role='vbl_support', using="reason = 'quarantine'"),
        ),
        migrations.AddConstraint(
            model_name='reservedhandle',
            constraint=core.db.policies.Policy(command='update', name='accounts_reservedhandle_lead_moderator_update', role='vbl_lead_moderator', using="reason = 'quarantine'"),
        ),
        migrations.AddConstraint(
            model_name='reservedhandle',
            constraint=core.db.policies.Policy(command='update', name='accounts_reservedhandle_administrator_update', role='vbl_administrator', using="reason = 'quarantine'"),
        ),
        migrations.AddConstraint(
            model_name='viewerprofile',
            constraint=models.CheckConstraint(condition=models.Q(('display_name__regex', '^[^\x01-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$')), name='accounts_viewerprofile_display_name_format_check', violation_error_message='A display name has no control characters, direction marks or invisible signs.'),
        ),
    ]
