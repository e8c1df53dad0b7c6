"""The agreement with a studio on one page: which share counts, what each member comes to, and parts that do not sum."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.allocation import WHOLE
from billing.errors import RevenueShareRefused
from billing.models import RevenueShareRule
from billing.services.revenue_share import revenue_share_rule_set, share_of
from billing.studio_agreements import studio_agreement
from billing.wallet_choices import SpendKind, SplitParty
from core.db.context import acting
from core.db.roles import Role
from performers.models import Studio, StudioMembership
from tests.accounts.factories import period, staff
from tests.billing.factories_wallets import performer
from tests.browser import Browser
from tests.performers.factories_schedule import StudioFactory

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
PARTIES = (SplitParty.PERFORMER, SplitParty.STUDIO, SplitParty.PLATFORM)


def put(points: int, **options: Any) -> RevenueShareRule:
    finance = staff(Role.FINANCE)
    with acting(Role.FINANCE, user_id=finance.pk):
        return revenue_share_rule_set(
            performer_points=points, actor=finance, reason="agreed in the contract", **options
        )


def member(studio: Studio, share: str = "0.2") -> Any:
    to = performer()
    StudioMembership.objects.create(performer=to, studio=studio, studio_share=Decimal(share), valid=period())
    return to


def url_of(studio: Studio) -> str:
    return reverse("admin:studio_agreement", args=[studio.pk])


def setting(browser: Browser, studio: Studio, **said: Any) -> dict[str, Any]:
    page = browser.get(url_of(studio))
    assert page.status_code == 200
    return {
        "submission": page.context["token"],
        "kind": "",
        "performer_points": 7_500,
        "platform_points": 2_500,
        "starts_at": "",
        "reason": "agreed in the contract",
        **said,
    }


def test_the_page_agrees_with_what_is_shared_out() -> None:
    studio, other = StudioFactory(), StudioFactory()
    members = [member(studio, share) for share in ("0.2", "0", "1", "0.3333333333")]
    put(7_100, kind="tip")
    put(7_200, studio_id=studio.pk)
    put(7_300, studio_id=studio.pk, kind="gift")
    put(7_400, performer_id=members[0].pk)
    put(7_501, performer_id=members[1].pk, kind="private_show")
    put(9_999, studio_id=other.pk)
    at = timezone.now()
    agreement = studio_agreement(studio.pk, at)
    assert [(what, rule.performer_points) for what, rule in agreement.general] == [
        ("Everything", 7_200),
        (SpendKind.GIFT.label, 7_300),
    ]
    assert {it.membership.performer_id for it in agreement.members} == {to.pk for to in members}
    for it in agreement.members:
        told = dict(it.terms)
        for kind in SpendKind:
            terms = told.get(kind.label, told["Everything"])
            share = share_of(performer_id=it.membership.performer_id, kind=kind, at=at)
            assert terms.rule == share.rule, (kind, it.membership)
            assert terms.parts == share.parts(WHOLE)
            assert sum(terms.parts.values()) == WHOLE


@pytest.mark.parametrize(
    ("points", "share", "parts"),
    [
        (7_000, "0.2", (5_600, 1_400, 3_000)),
        (7_000, "0.5", (3_500, 3_500, 3_000)),
        (10_000, "0", (10_000, 0, 0)),
        (0, "0.5", (0, 0, 10_000)),
        (3_333, "0.3333333333", (2_222, 1_111, 6_667)),
    ],
)
def test_published_tiers_of_three_parties(points: int, share: str, parts: tuple[int, ...]) -> None:
    studio = StudioFactory()
    member(studio, share)
    put(points, studio_id=studio.pk)
    (only,) = studio_agreement(studio.pk, timezone.now()).members
    assert tuple(only.terms[0][1].parts.get(party, 0) for party in PARTIES) == parts


def test_the_page_shows_shares_and_members(staff_client: StaffClient) -> None:
    studio = StudioFactory()
    to = member(studio)
    put(7_200, studio_id=studio.pk)
    put(8_000, performer_id=to.pk, kind="tip")
    for role in (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR):
        page = staff_client(role).get(url_of(studio))
        rows = [(row["what"], row["own"], row["parts"]) for row in page.context["members"]]
        assert rows == [
            ("Everything", False, ["57.6 %", "14.4 %", "28 %"]),
            (SpendKind.TIP.label, True, ["64 %", "16 %", "20 %"]),
        ]
        assert (page.context["form"] is not None) == (role == Role.FINANCE)
    link = staff_client(Role.FINANCE).get(reverse("admin:performers_studio_change", args=[studio.pk]))
    assert url_of(studio) in link.content.decode()
    for role in (Role.SUPPORT, Role.ADMINISTRATOR, Role.MODERATOR):
        assert staff_client(role).get(url_of(studio)).status_code == 403
    assert staff_client(Role.FINANCE).get(reverse("admin:studio_agreement", args=[to.pk])).status_code == 404


def test_a_share_is_set_on_the_page_once(staff_client: StaffClient) -> None:
    browser, studio = staff_client(Role.FINANCE), StudioFactory()
    said = setting(browser, studio, kind="tip")
    assert browser.send(url_of(studio), said).status_code == 302
    assert browser.send(url_of(studio), said).status_code == 302
    rule = RevenueShareRule.objects.get(studio=studio)
    assert (rule.kind, rule.performer_points, rule.platform_points, rule.set_by) == (
        "tip",
        7_500,
        2_500,
        browser.user,
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"performer_points": 7_500, "platform_points": 2_499},
            "sum to 9,999 basis points and not to 10,000",
        ),
        ({"performer_points": 7_500, "platform_points": 2_501}, "sum to 10,001 basis points"),
        ({"performer_points": -1, "platform_points": 10_001}, "greater than or equal to 0"),
        ({"performer_points": "70 %"}, "Enter a whole number"),
        ({"starts_at": "2020-01-01 00:00"}, "set for the future"),
        ({"reason": "short"}, "at least 10 characters"),
    ],
)
def test_what_is_no_share(staff_client: StaffClient, said: dict[str, Any], words: str) -> None:
    browser, studio = staff_client(Role.FINANCE), StudioFactory()
    response = browser.send(url_of(studio), setting(browser, studio, **said))
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not RevenueShareRule.objects.filter(studio=studio).exists()


def test_the_service_and_the_database_refuse_9999_too() -> None:
    studio, finance = StudioFactory(), staff(Role.FINANCE)
    with acting(Role.FINANCE, user_id=finance.pk):
        with pytest.raises(RevenueShareRefused, match="sum to 9,999"):
            revenue_share_rule_set(
                performer_points=7_000,
                platform_points=2_999,
                studio_id=studio.pk,
                actor=finance,
                reason="a slip of the pen",
            )
        with pytest.raises(IntegrityError, match="points_check"), transaction.atomic():
            _insert(studio, finance)


def _insert(studio: Studio, finance: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_revenuesharerule (id, studio_id, performer_points, platform_points, valid, set_by_id) "
            "VALUES (uuidv7(), %s, 7000, 2999, tstzrange(now(), NULL), %s)",
            [studio.pk, finance.pk],
        )


def test_nobody_sets_shares_who_only_reads(staff_client: StaffClient) -> None:
    studio = StudioFactory()
    browser = staff_client(Role.AUDITOR)
    assert (
        browser.send(url_of(studio), {"performer_points": 9_000, "platform_points": 1_000}).status_code == 403
    )
    assert not RevenueShareRule.objects.filter(studio=studio).exists()


def test_twenty_members_cost_no_more_questions_than_one(staff_client: StaffClient) -> None:
    browser, studio = staff_client(Role.FINANCE), StudioFactory()
    put(7_200, studio_id=studio.pk)
    put(7_300, performer_id=member(studio).pk)

    def asked() -> int:
        browser.get(url_of(studio))
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url_of(studio)).status_code == 200
        return len(queries)

    once = asked()
    for _ in range(20):
        put(7_400, performer_id=member(studio).pk)
    assert asked() == once
