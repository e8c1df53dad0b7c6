"""What people are taken to do, from which `benchmarks.capacity` reckons how many rows come of it.

Whoever knows better changes a number here and runs the benchmark again: what a row takes is measured, what follows from
the code is named with its place, and the rest is assumed.
"""

from dataclasses import dataclass

PEOPLE = 1_000_000
ASSUMED = "assumption"


@dataclass(frozen=True)
class Assumption:
    """A number, what it counts, and where it comes from."""

    words: str
    number: float
    source: str = ASSUMED


A: dict[str, Assumption] = {
    "active": Assumption("people active on a day, of 1,000,000 with an account", 100_000),
    "performers": Assumption("performers among them", 10_000),
    "streams": Assumption("broadcasts a day", 3_000),
    "minutes": Assumption("minutes of a broadcast", 180),
    "sign_ins": Assumption("sign-ins of an active person a day", 1.1),
    "plays": Assumption("plays of an active person a day", 6),
    "play_minutes": Assumption("minutes of a play", 10),
    "signs": Assumption("signs of life of a player a minute", 2, "`playbacks_generate --heartbeat`, 30 s"),
    "watched": Assumption("performers whom an active person watches a day", 4),
    "messages": Assumption("chat messages of an active person a day", 4),
    "reactions": Assumption("reactions of an active person a day", 10),
    "letters": Assumption("private messages of an active person a day", 0.3),
    "notices": Assumption("notifications to an active person a day", 8),
    "deliveries": Assumption("of these by mail or push", 3),
    "spends": Assumption("tips, gifts and other spends of an active person a day", 0.2),
    "lots": Assumption("lots of tokens that a spend consumes", 1.2),
    "shown": Assumption("minutes of private shows of an active person a day", 0.1),
    "orders": Assumption("orders of an active person a day", 0.03),
    "lines": Assumption("postings of an entry", 3, "a spend: viewer, performer, platform"),
    "events": Assumption("events of the trail for an active person a day, all causes", 1.5),
    "alarms": Assumption("security events for an active person a day", 0.02),
    "touches": Assumption("touches of roll-ups a play", 4),
    "seals": Assumption("seals a day", 1_440, "`config/schedule.py`: every minute"),
    "samples": Assumption("samples of a broadcast a minute", 1, "`streams_viewercountsample`: one a minute"),
    "follows": Assumption("performers whom a person with an account follows", 10),
}


LONGER: dict[str, Assumption] = {
    "audit_event": Assumption("bytes of what changed, and of details", 120),
    "billing_providerevent": Assumption("bytes of a provider's message, with its headers", 2_000),
    "engagement_chatmessage": Assumption("bytes of a chat message", 40),
    "engagement_directmessage": Assumption("bytes of a private message", 60),
    "engagement_notificationevent": Assumption("bytes of what a notification tells", 60),
}
"""By table: by so much the rows of the catalogue, which say `Line 7`, are shorter than those of people."""

YEARS: dict[str, tuple[float, str]] = {
    "analytics_playbackviewer": (2 / 365.25, "48 hours, as its salts"),
    "streams_streammetadataversion": (7, "7 years, as its stream"),
    "streams_streamtransition": (7, "7 years, as its stream"),
}
"""How long rows are kept whose model names no period, because they go with something that has one."""


@dataclass(frozen=True)
class Rows:
    """How many rows of a table there are: so many more each day, or so many standing."""

    a_day: float = 0
    standing: float = 0


def n(name: str) -> float:
    """The number of an assumption."""
    return A[name].number


def a_person(times: float) -> Rows:
    """So many a day for each active person."""
    return Rows(a_day=n("active") * times)


def a_stream(times: float) -> Rows:
    """So many for each broadcast."""
    return Rows(a_day=n("streams") * times)


def standing(times: float) -> Rows:
    """So many for each person with an account."""
    return Rows(standing=PEOPLE * times)


ENTRIES = n("spends") + 2 * n("orders")
"""An entry for each spend, and for each order one of the payment and one of the tokens."""

ROWS: dict[str, Rows] = {
    # Firehoses
    "accounts_loginevent": a_person(n("sign_ins")),
    "analytics_playbackevent": a_person(n("plays") * (n("play_minutes") * n("signs") + 2)),
    "analytics_rolluptouch": a_person(n("plays") * n("touches")),
    "analytics_vieweractivityday": a_person(1),
    "analytics_viewersession": a_person(n("plays")),
    "audit_event": a_person(n("events")),
    "audit_label": a_person(n("events")),
    "audit_sealleaf": a_person(n("events")),
    "audit_securityevent": a_person(n("alarms")),
    "billing_earning": a_person(n("spends")),
    "billing_holdlot": a_person(n("shown") / 10 * n("lots")),
    "billing_lotconsumption": a_person(n("spends") * n("lots")),
    "billing_payoutitem": a_person(n("spends")),
    "billing_privateshowminute": a_person(n("shown")),
    "billing_providerevent": a_person(n("orders") * 2),
    "billing_revenuesplit": a_person(n("spends")),
    "billing_revenuesplitline": a_person(n("spends") * 2),
    "billing_tokenhold": a_person(n("shown") / 10),
    "billing_tokenspend": a_person(n("spends")),
    "engagement_chatmessage": a_person(n("messages")),
    "engagement_counterdelta": a_person(n("reactions") + n("spends")),
    "engagement_deliveryattempt": a_person(n("deliveries")),
    "engagement_directmessage": a_person(n("letters")),
    "engagement_notification": a_person(n("notices")),
    "engagement_notificationevent": a_person(n("notices") / 20),
    "engagement_reaction": a_person(n("reactions")),
    "streams_viewercountsample": a_stream(n("minutes") * n("samples")),
    # Large tables that grow by the day
    "accounts_usersession": a_person(n("sign_ins")),
    "analytics_performerday": Rows(a_day=n("streams")),
    "analytics_playbackviewer": a_person(n("plays")),
    "analytics_streamminute": a_stream(n("minutes")),
    "analytics_streamperformance": a_stream(1),
    "analytics_viewerperformerday": a_person(n("watched")),
    "audit_case": a_person(0.005),
    "audit_jobrun": Rows(a_day=20 * 1_440),
    "audit_report": a_person(0.005),
    "audit_seal": Rows(a_day=n("seals")),
    "billing_invoice": a_person(n("orders")),
    "billing_invoiceline": a_person(n("orders")),
    "billing_journalentry": a_person(ENTRIES),
    "billing_order": a_person(n("orders")),
    "billing_orderline": a_person(n("orders")),
    "billing_payment": a_person(n("orders")),
    "billing_paymentattempt": a_person(n("orders") * 1.2),
    "billing_paymentevent": a_person(n("orders") * 2),
    "billing_paymentintent": a_person(n("orders")),
    "billing_posting": a_person(ENTRIES * n("lines")),
    "billing_providercall": a_person(n("orders")),
    "billing_taxevidence": a_person(n("orders") * 2),
    "billing_tokenlot": a_person(n("orders")),
    "engagement_notificationeventkey": a_person(n("notices") / 20),
    "engagement_reactionkey": a_person(n("reactions")),
    "engagement_tipmessage": a_person(n("spends")),
    "streams_archive": a_stream(1),
    "streams_recording": a_stream(1),
    "streams_stream": a_stream(1),
    "streams_streamconfiguration": a_stream(1),
    "streams_streammetadataversion": a_stream(2),
    "streams_streamtransition": a_stream(4),
    # Large tables that stand with people
    "accounts_acceptance": standing(2),
    "accounts_consent": standing(1.5),
    "accounts_user": standing(1),
    "accounts_usercontact": standing(1.2),
    "accounts_userpassword": standing(1),
    "accounts_viewerprofile": standing(1),
    "billing_ledgeraccount": standing(0.15),
    "billing_ledgerbalance": standing(0.15),
    "billing_wallet": standing(0.15),
    "engagement_follow": standing(n("follows")),
    "engagement_notificationpreference": standing(2),
    "performers_performerprofile": Rows(standing=n("performers")),
}
