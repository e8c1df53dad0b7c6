"""What the database refuses by itself about access reviews, to somebody who never heard of the services."""

import pytest

from accounts.models import User
from audit.models import AccessReview, AccessReviewItem
from audit.services.access_reviews import access_review_item_keep, access_review_item_withdraw
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import without_triggers
from tests.audit.filing_steps import WHY, as_administrator, as_compliance, opened
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

TABLES = ("audit_accessreview", "audit_accessreviewitem")
READERS = {Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER}
DECIDE = "UPDATE audit_accessreviewitem SET verdict = %s, reason = 'because' WHERE id = %s"
CLOSE = "UPDATE audit_accessreview SET status = 'closed' WHERE id = %s"


@pytest.fixture
def admin(db: None) -> User:
    return staff(Role.ADMINISTRATOR)


@pytest.fixture
def mona(db: None) -> User:
    return staff(Role.MODERATOR)


def item_of(user: User) -> AccessReviewItem:
    return AccessReviewItem.objects.get(holder=user)


@pytest.mark.parametrize("role", ACTING_ROLES)
def test_who_reads_and_who_writes(role: Role, mona: User) -> None:
    review = opened()
    item = item_of(mona)
    with acting(role, user_id=UserFactory().pk):
        for table in TABLES:
            if role in READERS:
                assert run(f"SELECT count(*) FROM {table}") == [(1,)], table
            else:
                with refused("permission denied"):
                    run(f"SELECT count(*) FROM {table}")
            with refused("permission denied"):
                affected(f"DELETE FROM {table}")
        with refused("permission denied"):
            affected(
                "INSERT INTO audit_accessreviewitem (review_id, grant_id, holder_id, role, granted_at) "
                "VALUES (%s, %s, %s, 'vbl_support', now())",
                [review.pk, item.grant_id, mona.pk],
            )
        if role is not Role.WORKER:
            with refused("permission denied"):
                affected("INSERT INTO audit_accessreview DEFAULT VALUES")
        if role is not Role.ADMINISTRATOR:
            with refused("permission denied"):
                affected(DECIDE, ["keep", item.pk])
        if role is not Role.COMPLIANCE:
            with refused("permission denied"):
                affected(CLOSE, [review.pk])
        if role not in (Role.WORKER, Role.COMPLIANCE):
            with refused("permission denied"):
                run("SELECT access_reviews_settle()")
        if role is not Role.COMPLIANCE:
            with refused("permission denied"):
                run("SELECT access_review_words_erase(%s)", [mona.pk])


def test_quarter_cut_off_and_items_are_those_of_the_database(mona: User) -> None:
    insert = (
        "INSERT INTO audit_accessreview (quarter, name, cut_off, due_at, item_count, status) "
        "VALUES ('2001-01-01', '2001-Q1', '2001-01-02', '2099-01-01', 77, 'open')"
    )
    with acting(Role.WORKER):
        affected(insert)
        with refused("quarter"):
            affected(insert)
    review = AccessReview.objects.get()
    assert review.quarter.year > 2001 and review.item_count == 1
    assert (review.due_at - review.cut_off).days == 30
    with acting(Role.WORKER), refused("cannot begin as closed"):
        affected(insert.replace("'open'", "'closed'"))


@pytest.mark.parametrize(
    "change", ["quarter = '2001-01-01'", "cut_off = now()", "due_at = now()", "item_count = 9"]
)
def test_what_was_frozen_stays_by_anybody(mona: User, change: str) -> None:
    opened()
    for role in (Role.WORKER, Role.COMPLIANCE):
        with acting(role, user_id=mona.pk), refused("permission denied"):
            affected(f"UPDATE audit_accessreview SET {change}")
    with acting(Role.OWNER, user_id=mona.pk), refused("is frozen"):
        affected(f"UPDATE audit_accessreview SET {change}")


def test_nobody_decides_about_themselves(admin: User) -> None:
    opened()
    with as_administrator(admin):
        assert affected(DECIDE, ["keep", item_of(admin).pk]) == 0, "one's own item is not there to change"
    with acting(Role.OWNER, user_id=admin.pk), refused("about their own role"):
        affected(DECIDE, ["keep", item_of(admin).pk])


def test_a_decision_is_made_once_in_ones_own_name_and_with_a_reason(admin: User, mona: User) -> None:
    opened()
    item, other = item_of(mona), staff(Role.ADMINISTRATOR)
    with as_administrator(admin):
        with refused("Say why"):
            affected("UPDATE audit_accessreviewitem SET verdict = 'keep' WHERE id = %s", [item.pk])
        with refused("by its decision alone"):
            affected("UPDATE audit_accessreviewitem SET reason = 'because' WHERE id = %s", [item.pk])
        with refused("permission denied"):
            affected(
                "UPDATE audit_accessreviewitem SET decided_by_id = %s WHERE id = %s", [other.pk, item.pk]
            )
        affected(DECIDE, ["keep", item.pk])
        for verdict in ("keep", "withdraw", "ended", None):
            with refused("decided already"):
                affected(DECIDE, [verdict, item.pk])
        with refused("decided already"):
            affected("UPDATE audit_accessreviewitem SET reason = '' WHERE id = %s", [item.pk])
    assert item_of(mona).decided_by == admin
    with acting(Role.OWNER), refused("kept or withdrawn by a person"):
        affected(DECIDE, ["keep", item_of(admin).pk])


@pytest.mark.parametrize("verdict", ["withdraw", "ended"])
def test_what_is_in_force_is_not_called_withdrawn(admin: User, mona: User, verdict: str) -> None:
    opened()
    with as_administrator(admin), refused("This grant is in force"):
        affected(DECIDE, [verdict, item_of(mona).pk])


def test_withdrawn_is_only_what_this_transaction_revoked(admin: User, mona: User) -> None:
    opened()
    with without_triggers("accounts_rolegrant"):
        run(
            "UPDATE accounts_rolegrant SET valid = tstzrange(lower(valid), now()), "
            "updated_at = now() - interval '1 day' WHERE user_id = %s",
            [mona.pk],
        )
    with as_administrator(admin):
        with refused("had ended before"):
            affected(DECIDE, ["withdraw", item_of(mona).pk])
        with refused("nothing to keep"):
            affected(DECIDE, ["keep", item_of(mona).pk])


def test_what_an_item_froze_never_changes(admin: User, mona: User) -> None:
    opened()
    for column, value in (("role", "vbl_finance"), ("holder_id", admin.pk), ("last_used_at", None)):
        statement = f"UPDATE audit_accessreviewitem SET {column} = %s, verdict = 'keep', reason = 'because'"
        with as_administrator(admin), refused("permission denied"):
            affected(statement, [value])
    with acting(Role.OWNER, user_id=admin.pk), refused("cannot be changed"):
        affected("UPDATE audit_accessreviewitem SET role = 'vbl_finance' WHERE holder_id = %s", [mona.pk])


def test_a_review_closes_decided_by_somebody_else_and_stays_closed(admin: User, mona: User) -> None:
    review = opened()
    other, officer = staff(Role.ADMINISTRATOR), staff(Role.COMPLIANCE)
    with as_compliance(officer), refused("Something is undecided"):
        affected(CLOSE, [review.pk])
    with as_administrator(admin):
        access_review_item_keep(item_id=item_of(mona).pk, actor=admin, reason=WHY)
    with as_administrator(other):
        access_review_item_withdraw(item_id=item_of(admin).pk, actor=other, reason=WHY)
    with as_compliance(admin), refused("does not sign it off"):
        affected(CLOSE, [review.pk])
    with acting(Role.COMPLIANCE):
        assert affected(CLOSE, [review.pk]) == 0
    with acting(Role.OWNER), refused("closed by a person"):
        affected(CLOSE, [review.pk])
    with as_compliance(officer):
        affected(CLOSE, [review.pk])
        with refused("cannot move from closed to open"):
            affected("UPDATE audit_accessreview SET status = 'open' WHERE id = %s", [review.pk])
    assert AccessReview.objects.get().closed_by == officer
