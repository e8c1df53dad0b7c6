"""Suppression: what is withheld, and that whoever subtracts published numbers learns none under ten."""

from collections import Counter
from collections.abc import Mapping, Set
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.audience.suppression import Cells, Verdict, decide, is_small
from tests.analytics.audience.attack import differences, every_difference, learned, published

ANN, BEA, CAT, DEE = (UUID(int=number) for number in range(1, 5))
VALUES = ("DE", "FR", "PL")

Watched = Mapping[int, tuple[str, frozenset[UUID]]]
"""By person: the value, and whom the person watched."""


def cells_of(watched: Watched) -> tuple[Counter[str], dict[UUID, Counter[str]]]:
    """The true numbers of a day."""
    platform: Counter[str] = Counter(value for value, _ in watched.values())
    performers: dict[UUID, Counter[str]] = {}
    for value, whom in watched.values():
        for performer in whom:
            performers.setdefault(performer, Counter())[value] += 1
    return platform, performers


def judge(watched: Watched) -> tuple[Cells, dict[UUID, Counter[str]], Verdict]:
    """The numbers of a day, and what may be published of them."""
    platform, performers = cells_of(watched)

    def rest(shown: Set[UUID]) -> Cells:
        return Counter(value for value, whom in watched.values() if not whom & shown)

    return platform, performers, decide(platform, performers, rest)


def alone(**people: Mapping[UUID, int]) -> Watched:
    """A day on which nobody watched two: people by value and performer."""
    found: dict[int, tuple[str, frozenset[UUID]]] = {}
    for value, by_performer in people.items():
        for performer, count in by_performer.items():
            for _ in range(count):
                found[len(found)] = (value, frozenset([performer]))
    return found


def test_nothing_small_is_all_published() -> None:
    _, _, verdict = judge(alone(DE={ANN: 20, BEA: 30}, FR={ANN: 10, BEA: 10}))
    assert verdict == Verdict(platform=True, performers=frozenset({ANN, BEA}))


def test_a_breakdown_with_a_small_cell_is_withheld_whole_and_another_one_protects_it() -> None:
    # Ann's three in France would be what is left of the platform without Bea and Cat; Bea has the fewer of those two.
    _, _, verdict = judge(alone(DE={ANN: 40, BEA: 20, CAT: 30}, FR={ANN: 3, BEA: 12, CAT: 30}))
    assert verdict == Verdict(platform=True, performers=frozenset({CAT}))


def test_nine_are_few_and_ten_are_not() -> None:
    assert judge(alone(DE={ANN: 9}, FR={ANN: 20}))[2] == Verdict(platform=False, performers=frozenset())
    assert judge(alone(DE={ANN: 10}, FR={ANN: 20}))[2] == Verdict(platform=True, performers=frozenset({ANN}))


def test_a_small_cell_of_the_platform_withholds_its_breakdown_and_no_other() -> None:
    _, _, verdict = judge(alone(DE={ANN: 20, BEA: 15}, PL={BEA: 4}))
    assert verdict == Verdict(platform=False, performers=frozenset({ANN}))


def test_the_platform_without_one_performer_is_a_number_too() -> None:
    # All but four of the French watched Ann, and some of them Bea as well: nobody withheld has them alone.
    watched = dict(alone(DE={ANN: 20, BEA: 20}, FR={ANN: 20, BEA: 4}))
    watched = {
        person: (value, whom | {BEA} if value == "FR" else whom) for person, (value, whom) in watched.items()
    }
    platform, performers, verdict = judge(watched)
    assert (platform["FR"], performers[ANN]["FR"], performers[BEA]["FR"]) == (24, 20, 24)
    assert ANN not in verdict.performers and BEA in verdict.performers


def test_of_one_value_alone_everybody_would_have_it() -> None:
    # Whoever knows that three watched Bea would know that three Germans did.
    assert judge(alone(DE={ANN: 50, BEA: 3}))[2] == Verdict(platform=False, performers=frozenset({ANN}))
    # What is left without Ann and Cat would be Germans alone, three of them Bea's.
    _, _, verdict = judge(alone(DE={ANN: 50, BEA: 3, CAT: 20, DEE: 12}, FR={CAT: 20, ANN: 30}))
    assert BEA not in verdict.performers
    assert CAT not in verdict.performers or ANN not in verdict.performers


def test_a_day_without_anybody() -> None:
    assert judge({})[2] == Verdict(platform=True, performers=frozenset())


counts = st.sampled_from([0, 0, 1, 3, 9, 10, 11, 12, 15, 19, 20, 25, 40])


@settings(max_examples=400)
@given(st.lists(st.lists(counts, min_size=3, max_size=3), min_size=1, max_size=6))
def test_whoever_subtracts_learns_nothing_where_nobody_watched_two(rows: list[list[int]]) -> None:
    by_value = {
        value: {UUID(int=number + 1): row[place] for number, row in enumerate(rows)}
        for place, value in enumerate(VALUES)
    }
    platform, performers, verdict = judge(alone(**by_value))
    assert learned(platform, performers, verdict) == []
    assert [left for _, left in every_difference(platform, performers, verdict) if is_small(left)] == []


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(VALUES),
            st.sets(st.sampled_from([ANN, BEA, CAT, DEE]), min_size=1, max_size=3),
            st.sampled_from([1, 2, 9, 10, 15, 30]),
        ),
        max_size=12,
    )
)
def test_whoever_subtracts_learns_nothing_where_people_watched_several(
    groups: list[tuple[str, set[UUID], int]],
) -> None:
    watched: dict[int, tuple[str, frozenset[UUID]]] = {}
    for value, whom, count in groups:
        for _ in range(count):
            watched[len(watched)] = (value, frozenset(whom))
    platform, performers, verdict = judge(watched)
    assert not [cell for cell in published(platform, performers, verdict) if is_small(cell[2])]
    assert not [left for left in differences(platform, performers, verdict) if is_small(left[1])]
    if verdict.platform:
        left = Counter(value for value, whom in watched.values() if not whom & verdict.performers)
        assert not [value for value, people in left.items() if is_small(people)]
