"""What people are told of, and the first wordings, in English; what fans hear of most, in Portuguese too."""

from datetime import timedelta

from core.db.operations import SetLockTimeout
from django.db import migrations
from django.utils import timezone

APP, MAIL, PUSH = "in_app", "email", "web_push"
EVERYWHERE = [APP, MAIL, PUSH]

# Code: what happens, category, channels, variables with samples, what groups, life, whether people record it.
TRIGGERS = {
    "performer_live": (
        "A performer goes live.",
        "live",
        EVERYWHERE,
        {"performer": "Ann", "title": "Sunday speed run"},
        "performer",
        timedelta(hours=12),
        True,
    ),
    "stream_planned": (
        "A performer plans a stream.",
        "planned",
        [APP, MAIL],
        {"performer": "Ann", "title": "Sunday speed run", "starts": "2026-11-29 18:00 UTC"},
        "performer",
        timedelta(days=7),
        True,
    ),
    "new_follower": (
        "Somebody follows a performer.",
        "social",
        [APP],
        {"follower": "bob"},
        "",
        None,
        True,
    ),
    "direct_message": (
        "A private message came.",
        "messages",
        [APP, PUSH],
        # Support reads events, and who writes to whom is nobody else's business.
        {},
        "",
        None,
        False,
    ),
    "chat_reply": (
        "Somebody answered in a chat.",
        "social",
        [APP, PUSH],
        {"sender": "bob", "performer": "Ann"},
        "performer",
        timedelta(days=1),
        True,
    ),
    "raid_received": (
        "A performer sends her viewers to another one.",
        "social",
        [APP, PUSH],
        {"performer": "Ann", "viewers": 120},
        "",
        timedelta(days=1),
        True,
    ),
    "tip_received": (
        "A performer gets a tip.",
        "earnings",
        [APP, PUSH],
        {"sender": "bob", "tokens": 100},
        "",
        None,
        True,
    ),
    "gift_received": (
        "A performer gets a gift.",
        "earnings",
        [APP, PUSH],
        {"sender": "bob", "gift": "Rose", "tokens": 50},
        "",
        None,
        True,
    ),
    "reward_redeemed": (
        "A viewer redeems a reward.",
        "earnings",
        [APP, PUSH],
        {"viewer": "bob", "reward": "Choose the next song"},
        "reward",
        None,
        True,
    ),
    "redemption_decided": (
        "A performer fulfils or refuses a redemption.",
        "social",
        [APP],
        {"performer": "Ann", "reward": "Choose the next song", "decision": "fulfilled"},
        "",
        None,
        True,
    ),
    "goal_reached": (
        "A goal of tips is reached.",
        "earnings",
        [APP, PUSH],
        {"title": "New microphone", "tokens": 5000},
        "",
        None,
        True,
    ),
    "poll_closed": (
        "A poll is closed.",
        "social",
        [APP],
        {"performer": "Ann", "question": "Which game next?", "winner": "Celeste"},
        "",
        timedelta(days=7),
        True,
    ),
    "payment_captured": (
        "A payment was taken: the receipt.",
        "receipts",
        [APP, MAIL],
        {"amount": "9.99 EUR", "order": "018f2c3e"},
        "",
        None,
        False,
    ),
    "refund_made": (
        "Money was paid back.",
        "receipts",
        [APP, MAIL],
        {"amount": "9.99 EUR", "order": "018f2c3e"},
        "",
        None,
        False,
    ),
    "moderation_decision": (
        "Moderation decided: the statement of reasons, the outcome of a report, a reversal.",
        "legal",
        [APP, MAIL],
        {"what": "Statement of reasons", "words": "We removed a recording because it shows a private address."},
        "",
        None,
        False,
    ),
    "appeal_decided": (
        "A complaint against a decision has ended.",
        "legal",
        [APP, MAIL],
        {"words": "The appeal against the decision of 3 November 2026 has ended: upheld."},
        "",
        None,
        False,
    ),
    "subject_request": (
        "A request about somebody's own data got on: carried out, extended, refused, answered.",
        "legal",
        [APP, MAIL],
        # Support reads events, and what was asked and answered stands in the account alone.
        {"reference": "SR-2611-7K3MQ9XA", "what": "It is answered."},
        "",
        None,
        False,
    ),
    "security_notice": (
        "Something about the security of an account changed.",
        "security",
        EVERYWHERE,
        {"notice": "Your password was changed."},
        "",
        None,
        False,
    ),
    "digest": (
        "What somebody wants to hear of together: the mail of a day or a week.",
        "social",
        [APP, MAIL],
        {"count": 3, "items": "- Ann is live\n- bob follows you\n- Cleo plans a stream"},
        "",
        None,
        False,
    ),
}

ENGLISH = {
    "performer_live": ("{{ performer }} is live", "{{ title }}"),
    "stream_planned": ("{{ performer }} plans a stream", "{{ title }}, {{ starts }}"),
    "new_follower": ("{{ follower }} follows you", "Say hello when you are live next."),
    "direct_message": ("You have a new private message", "Open your messages to read and answer."),
    "chat_reply": ("{{ sender }} answered you", "In the chat of {{ performer }}."),
    "raid_received": ("{{ performer }} raids you", "{{ viewers }} viewers are on their way."),
    "tip_received": ("{{ sender }} tipped you {{ tokens }} tokens", "Thank them in the chat."),
    "gift_received": ("{{ sender }} sent you {{ gift }}", "It is worth {{ tokens }} tokens."),
    "reward_redeemed": ("{{ viewer }} redeemed {{ reward }}", "Fulfil or refuse it."),
    "redemption_decided": ("{{ reward }}: {{ decision }}", "{{ performer }} decided."),
    "goal_reached": ("{{ title }} is reached", "{{ tokens }} tokens came together."),
    "poll_closed": ("{{ question }}", "{{ winner }} won the poll of {{ performer }}."),
    "payment_captured": ("Receipt: {{ amount }}", "We took {{ amount }} for your order {{ order }}."),
    "refund_made": ("Refund: {{ amount }}", "We paid {{ amount }} back for your order {{ order }}."),
    "moderation_decision": ("{{ what }}", "{{ words }}"),
    "appeal_decided": ("Your complaint has ended", "{{ words }}"),
    "subject_request": (
        "Your request {{ reference }}",
        "{{ what }}\n\nSign in and open your requests to read it.",
    ),
    "security_notice": (
        "Security of your account",
        "{{ notice }}\n\nIf that was not you, sign out everywhere and choose another password.",
    ),
    "digest": ("{{ count }} things that happened", "{{ items }}"),
}
PORTUGUESE = {
    "performer_live": ("{{ performer }} está ao vivo", "{{ title }}"),
    "stream_planned": ("{{ performer }} marcou uma transmissão", "{{ title }}, {{ starts }}"),
    "digest": ("{{ count }} novidades", "{{ items }}"),
}
LANGUAGES = {"en": ENGLISH, "pt-BR": PORTUGUESE}


def write(apps, schema_editor):
    Trigger = apps.get_model("engagement", "NotificationTrigger")
    Template = apps.get_model("engagement", "NotificationTemplate")
    Version = apps.get_model("engagement", "TemplateVersion")
    for code, (words, category, channels, variables, group, life, people) in TRIGGERS.items():
        trigger = Trigger.objects.create(
            code=code,
            words=words,
            category=category,
            is_mandatory=category in ("receipts", "legal", "security"),
            channels=channels,
            variables=variables,
            group_variable=group,
            lives_for=life,
            people_record=people,
        )
        for locale, wordings in LANGUAGES.items():
            if code not in wordings:
                continue
            subject, body = wordings[code]
            for channel in EVERYWHERE:
                template = Template.objects.create(trigger=trigger, channel=channel, locale=locale)
                version = Version.objects.create(template=template, number=1, subject=subject, body=body)
                Version.objects.filter(pk=version.pk).update(status="published", published_at=timezone.now())


def take_back(apps, schema_editor):
    """Leaves them: published wordings are never deleted. The tables go with the migration that made them."""


class Migration(migrations.Migration):
    """Reference data."""

    dependencies = [("engagement", "0006_notifications")]
    operations = [SetLockTimeout("2s"), migrations.RunPython(write, take_back)]
