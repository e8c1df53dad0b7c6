from datetime import timedelta

from core.db.operations import SetLockTimeout
from django.db import migrations

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Code, categories of reports, title, ground, law, category of the transparency database, severity, points, days, text.
# A part of a code before a point is the policy above. Laws are those of the European Union unless named otherwise.
POLICIES = (
    (
        "minors", ["minor_safety"], "Protection of minors", "law",
        "Directive 2011/93/EU, articles 2(c) and 5; Regulation (EU) 2022/2065, article 28",
        "STATEMENT_CATEGORY_PROTECTION_OF_MINORS", "critical", 100, 1830,
        "Nobody under 18 appears, is depicted, or is addressed sexually, not even in play. What shows the sexual abuse of a "
        "child is reported to the authorities.",
    ),
    (
        "minors.unverified_age", [], "Age that was not verified", "law",
        "Directive 2010/13/EU, article 28b(1)(a)",
        "STATEMENT_CATEGORY_PROTECTION_OF_MINORS", "high", 30, 365,
        "Whoever appears was verified to be of age before. A guest who was not must leave the picture at once.",
    ),
    (
        "consent", ["non_consent"], "Consent of everybody shown", "law",
        "Directive (EU) 2024/1385, article 5; Regulation (EU) 2016/679, article 6",
        "STATEMENT_CATEGORY_CYBER_VIOLENCE", "critical", 60, 1095,
        "Nobody is shown, recorded or imitated by a machine in an intimate situation without having agreed to it.",
    ),
    (
        "exploitation", ["trafficking"], "Coercion and trafficking", "law", "Directive 2011/36/EU, article 2",
        "STATEMENT_CATEGORY_VIOLENCE", "critical", 100, 1830,
        "Nobody is forced, threatened or deceived into performing. What suggests it is reported to the authorities.",
    ),
    (
        "violence", ["violence"], "Violence and threats", "terms", "", "STATEMENT_CATEGORY_VIOLENCE", "high", 30, 365,
        "No real violence, no threat of it, and no praise of it.",
    ),
    (
        "self_harm", ["self_harm"], "Self-harm", "terms", "", "STATEMENT_CATEGORY_SELF_HARM", "high", 10, 180,
        "Self-harm and suicide are not shown, encouraged or explained. Whoever is in danger is offered help first.",
    ),
    (
        "hate", ["hate"], "Hate", "law", "Framework Decision 2008/913/JHA, article 1",
        "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "high", 30, 365,
        "Nobody is attacked for what they are: origin, religion, sex, orientation, disability or age.",
    ),
    (
        "harassment", ["harassment"], "Harassment", "terms", "", "STATEMENT_CATEGORY_CYBER_VIOLENCE", "medium", 15, 180,
        "No insults that go on, no stalking, no call to others to take part in it.",
    ),
    (
        "harassment.private_data", ["privacy"], "Private data of others", "law",
        "Regulation (EU) 2016/679, articles 5 and 6",
        "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", "high", 30, 365,
        "Nobody publishes the name, address, workplace or documents of somebody else.",
    ),
    (
        "deception", [], "Deception", "terms", "", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "medium", 10, 180,
        "Nobody is misled to their harm.",
    ),
    (
        "deception.impersonation", ["impersonation"], "Impersonation", "terms", "",
        "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "medium", 15, 365,
        "Nobody passes for somebody else, or for the platform.",
    ),
    (
        "deception.fraud", ["fraud"], "Fraud", "law", "Directive 2005/29/EC, article 6; criminal law of the Member States",
        "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "high", 30, 365,
        "No money is asked for under false pretences, and no payment is made outside of the platform to avoid its rules.",
    ),
    (
        "deception.spam", ["spam"], "Spam", "terms", "", "STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "low", 5, 90,
        "No repeated advertising, no bought attention, no links that lead people away unasked.",
    ),
    (
        "intellectual_property", ["intellectual_property"], "Works of others", "law",
        "Directive 2001/29/EC, articles 2 to 4; Regulation (EU) 2017/1001, article 9",
        "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", "medium", 10, 365,
        "Music, films, pictures and marks of others are shown with a licence only.",
    ),
    (
        "illegal_goods", ["illegal_goods"], "Illegal goods and services", "law",
        "Regulation (EU) 2023/988; criminal law of the Member States",
        "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS", "high", 30, 365,
        "No drugs, weapons, prescription medicines or other goods that may not be sold.",
    ),
    (
        "conduct", ["repeated_violations", "other"], "Rules of the platform", "terms", "",
        "STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "low", 5, 90,
        "The rules of the platform hold for everybody, those that have no paragraph of their own as well.",
    ),
    (
        "conduct.labels", ["wrong_label"], "Labels and categories", "terms", "",
        "STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "low", 2, 90,
        "What is shown has the category and the content labels that belong to it.",
    ),
)

# Code, name, what belongs there, place, due within, for leads only, default.
QUEUES = (
    ("minors_and_consent", "Minors and consent", "Minors, non-consent, coercion. Seen by lead moderators alone.", 10,
     HOUR, True, False),
    ("live", "On air now", "What viewers see at this moment.", 20, HOUR, False, False),
    ("authorities", "Authorities and flaggers", "Orders of authorities and notices of trusted flaggers.", 30, 12 * HOUR,
     False, False),
    ("escalated", "Escalated", "What a moderator handed to lead moderators.", 40, 24 * HOUR, False, False),
    ("legal", "Legal", "What waits for legal counsel; worked by compliance.", 50, 3 * DAY, False, False),
    ("rights", "Rights of others", "Copyright, marks, private data, impersonation.", 60, 3 * DAY, False, False),
    ("general", "General", "Everything that no rule sends elsewhere.", 100, 2 * DAY, False, True),
)

# Name, place, categories, kinds of subject, sources, least reports, least strike points, live only, points, queue, due.
RULES = (
    ("A minor may be concerned", 10, ["minor_safety"], [], [], 1, 0, False, 500, "minors_and_consent", None),
    ("Somebody may not have agreed", 20, ["non_consent", "trafficking"], [], [], 1, 0, False, 400,
     "minors_and_consent", 2 * HOUR),
    ("An authority reports", 30, [], [], ["authority"], 1, 0, False, 300, "authorities", 6 * HOUR),
    ("A trusted flagger reports", 40, [], [], ["trusted_flagger"], 1, 0, False, 200, "authorities", None),
    ("Danger to life or limb", 50, ["violence", "self_harm"], [], [], 1, 0, False, 250, None, None),
    ("On air now", 60, [], [], [], 1, 0, True, 150, "live", None),
    ("Hate or harassment", 70, ["hate", "harassment"], [], [], 1, 0, False, 100, None, None),
    ("Rights of others", 80, ["intellectual_property", "privacy", "impersonation"], [], [], 1, 0, False, 60, "rights",
     None),
    ("Many reports", 90, [], [], [], 10, 0, False, 80, None, None),
    ("A person with strikes", 100, [], [], [], 1, 30, False, 60, None, None),
    ("A machine found it", 110, [], [], ["automatic"], 1, 0, False, 20, None, None),
    ("Little harm", 120, ["spam", "wrong_label"], [], [], 1, 0, False, 10, None, 7 * DAY),
)

# Points in force, what is proposed, for how long.
LADDER = ((10, "warn", None), (30, "bar_stream", 7 * DAY), (60, "suspend", 30 * DAY), (100, "suspend", None))


def write_policies(apps):
    Policy, Version = apps.get_model("audit", "ModerationPolicy"), apps.get_model("audit", "PolicyVersion")
    made = {}
    for code, categories, title, ground, law, category, severity, points, days, text in POLICIES:
        parent = made.get(code.rpartition(".")[0])
        made[code] = Policy.objects.create(code=code, parent=parent, categories=categories)
        version = Version.objects.create(
            policy=made[code],
            number=1,
            title=title,
            text=text,
            ground=ground,
            legal_reference=law,
            transparency_category=category,
            severity=severity,
            strike_points=points,
            strike_days=days,
        )
        Version.objects.filter(pk=version.pk).update(status="published")


def write(apps, schema_editor):
    write_policies(apps)
    Queue, Rule = apps.get_model("audit", "Queue"), apps.get_model("audit", "QueueRule")
    queues = {}
    for code, name, description, position, due, leads, default in QUEUES:
        queues[code] = Queue.objects.create(
            code=code,
            name=name,
            description=description,
            position=position,
            due_within=due,
            leads_only=leads,
            is_default=default,
        )
    for name, position, categories, kinds, sources, reports, strikes, live, points, queue, due in RULES:
        Rule.objects.create(
            name=name,
            position=position,
            categories=categories,
            subject_kinds=kinds,
            sources=sources,
            least_reports=reports,
            least_strike_points=strikes,
            live_only=live,
            points=points,
            queue=queues.get(queue),
            due_within=due,
        )
    Step = apps.get_model("audit", "StrikeLadderStep")
    for points, action, lasts in LADDER:
        Step.objects.create(points=points, action=action, lasts=lasts)


class Migration(migrations.Migration):
    """Reference data. Undone, it stays: published policies are never deleted; their tables take them along."""

    dependencies = [("audit", "0006_moderation_intake")]
    operations = [SetLockTimeout("2s"), migrations.RunPython(write, migrations.RunPython.noop)]
