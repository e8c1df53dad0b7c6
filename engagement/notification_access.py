"""Who may do what to notifications; part of `engagement.access`."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, Role
from engagement.notification_policies import DELIVERY_KEEPERS, DELIVERY_STAFF, PEOPLE, TEMPLATE_WRITERS

EVENT_STATE = ("status", "reached_to", "notified", "spread_at")
DELIVERY_STATE = ("status", "tries", "next_try_at", "provider_id", "sent_at", "settled_at", "words")
RETRIED = ("status", "tries", "next_try_at", "settled_at", "words")
WORDING = ("subject", "body", "status", "published_at", "published_by_id")

NOTIFICATION_ACCESS: AccessDeclaration = {
    "engagement.NotificationTrigger": {
        **readers(*DELIVERY_STAFF, Role.WORKER),
        **dict.fromkeys(
            TEMPLATE_WRITERS,
            Rights(select=True, update=("channels", "lives_for"), may=("keep_notificationtrigger",)),
        ),
    },
    "engagement.NotificationTemplate": {
        **readers(*DELIVERY_STAFF, Role.WORKER),
        **dict.fromkeys(
            TEMPLATE_WRITERS, Rights(select=True, insert=True, may=("write_notificationtemplate",))
        ),
    },
    "engagement.TemplateVersion": {
        **readers(*DELIVERY_STAFF, Role.WORKER),
        **dict.fromkeys(TEMPLATE_WRITERS, Rights(select=True, insert=True, update=WORDING, delete=True)),
    },
    "engagement.NotificationEvent": {
        **readers(*DELIVERY_STAFF),
        Role.WORKER: Rights(select=True, update=EVENT_STATE),
    },
    "engagement.NotificationEventKey": {
        **readers(*DELIVERY_STAFF, Role.WORKER),
    },
    "engagement.Notification": {
        **dict.fromkeys(PEOPLE, Rights(select=True, update=("seen_at", "read_at", "archived_at"))),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "engagement.DeliveryAttempt": {
        **readers(*DELIVERY_STAFF),
        **dict.fromkeys(
            DELIVERY_KEEPERS, Rights(select=True, update=RETRIED, may=("retry_deliveryattempt",))
        ),
        Role.WORKER: Rights(select=True, insert=True, update=DELIVERY_STATE),
    },
    "engagement.NotificationPreference": {
        **readers(*DELIVERY_STAFF, Role.WORKER),
        **{role: Rights(select=True, insert=True, update=("frequency",), delete=True) for role in PEOPLE},
    },
    "engagement.NotificationQuietHours": {
        **readers(*DELIVERY_STAFF, Role.WORKER),
        **{role: Rights(select=True, insert=True, update=("starts", "ends"), delete=True) for role in PEOPLE},
    },
    "engagement.PushSubscription": {
        **readers(*DELIVERY_STAFF),
        **{
            role: Rights(select=True, insert=True, update=("revoked_at", "revoked_words"), delete=True)
            for role in PEOPLE
        },
        Role.WORKER: Rights(select=True, update=("revoked_at", "revoked_words")),
    },
    "engagement.DeliverySuppression": {
        **readers(*PEOPLE, *DELIVERY_STAFF),
        **dict.fromkeys(
            DELIVERY_KEEPERS,
            Rights(
                select=True,
                insert=True,
                update=("lifted_at", "lifted_by_id"),
                may=("keep_deliverysuppression",),
            ),
        ),
        Role.WORKER: Rights(select=True, insert=True),
    },
}

NOTIFICATION_FUNCTIONS: FunctionDeclaration = {
    "engagement_notification_event_record(text, text, jsonb, uuid[], uuid, uuid, text)": (
        Role.APP,
        *ACTING_ROLES,
    ),
    "engagement_direct_message_tell(uuid)": (Role.VIEWER, Role.PERFORMER),
    "engagement_derived_id(uuid, text)": (Role.WORKER,),
    "engagement_quiet_until(timestamp with time zone, text, time without time zone, time without time zone)": (
        Role.WORKER,
    ),
    "engagement_digest_at(timestamp with time zone, text, text)": (Role.WORKER,),
    "engagement_notifications_survey(uuid)": (Role.COMPLIANCE,),
    "engagement_notifications_erase(uuid)": (Role.COMPLIANCE,),
}
