"""What is hashed: the database and its twins in Python agree on every byte."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from audit.seals.digests import EventColumns, SealColumns, event_digest, seal_head
from audit.seals.merkle import EMPTY_ROOT, MerkleTree
from core.models.identity import uuid7
from tests.sql import run

pytestmark = pytest.mark.django_db

DIGEST = """
SELECT audit_event_digest(%s, %s, %s, %s, %s, %s, %s, %s::text[], %s::jsonb, %s, %s, %s::xid8), %s::jsonb::text
"""
HEAD = (
    "SELECT audit_seal_head(%s, %s, %s::smallint, %s::xid8, %s, %s, %s::uuid, %s::uuid, %s, %s, %s::smallint)"
)

# PostgreSQL keeps neither the character 0 nor halves of surrogate pairs.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
bytes_of_digest = st.binary(min_size=32, max_size=32)
details = st.dictionaries(
    texts,
    st.recursive(
        st.none() | st.booleans() | st.integers() | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=4,
)
events = st.builds(
    EventColumns,
    id=st.uuids(),
    area=texts,
    action=texts,
    actor_id=st.none() | st.uuids(),
    acting_role=texts,
    subject_type=texts,
    subject_id=st.uuids(),
    changed=st.lists(
        st.none() | texts | st.sampled_from(["NULL", "null", "", "a b", "{}", '"', "\\"]), max_size=4
    ),
    detail=details.map(json.dumps),
    request_id=st.none() | st.uuids(),
    label_digest=st.none() | st.binary(max_size=40),
    xact=st.integers(0, 2**64 - 1),
)
many = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])


def in_database(event: EventColumns) -> tuple[bytes, str]:
    """The digest, and the detail as PostgreSQL writes it."""
    ((digest, detail),) = run(
        DIGEST,
        [
            *(event.id, event.area, event.action, event.actor_id, event.acting_role, event.subject_type),
            *(event.subject_id, list(event.changed), event.detail, event.request_id, event.label_digest),
            *(str(event.xact), event.detail),
        ],
    )
    return bytes(digest), detail


@many
@given(events)
def test_the_digest_of_an_event_is_the_same_in_python(event: EventColumns) -> None:
    digest, detail = in_database(event)
    assert digest == event_digest(replace(event, detail=detail))


@settings(max_examples=100)
@given(events, events)
def test_events_that_differ_have_digests_that_differ(one: EventColumns, other: EventColumns) -> None:
    assert (one == other) or event_digest(one) != event_digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"area": "ab", "action": "c"}, {"area": "a", "action": "bc"}),
        ({"changed": ["a,b"]}, {"changed": ["a", "b"]}),
        ({"changed": ["NULL"]}, {"changed": [None]}),
        ({"changed": [""]}, {"changed": []}),
        ({"label_digest": b""}, {"label_digest": None}),
        ({"actor_id": None}, {"actor_id": UUID(int=0)}),
    ],
)
def test_no_two_rows_share_an_encoding(one: dict[str, Any], other: dict[str, Any]) -> None:
    plain = EventColumns(
        id=uuid7(),
        area="people",
        action="flag_raised",
        actor_id=None,
        acting_role="vbl_app",
        subject_type="accounts.user",
        subject_id=uuid7(),
        changed=[],
        detail="{}",
        request_id=None,
        label_digest=None,
        xact=7,
    )
    assert in_database(replace(plain, **one))[0] != in_database(replace(plain, **other))[0]


def test_every_column_of_an_event_is_hashed() -> None:
    """A new column needs a new version of the encoding, or it could be changed unnoticed."""
    columns = [field.column for field in Event._meta.local_concrete_fields if not field.generated]
    ((arguments,),) = run("SELECT proargnames FROM pg_proc WHERE proname = 'audit_event_digest'")
    assert arguments == columns
    assert set(EventColumns.__dataclass_fields__) == set(columns)


@many
@given(
    st.builds(
        SealColumns,
        number=st.integers(1, 2**63 - 1),
        previous_head=st.none() | bytes_of_digest,
        epoch=st.integers(1, 2**15 - 1),
        horizon=st.integers(0, 2**64 - 1),
        cluster=st.integers(-(2**63), 2**63 - 1),
        event_count=st.integers(0, 2**63 - 1),
        first_id=st.none() | st.uuids(),
        last_id=st.none() | st.uuids(),
        root=bytes_of_digest,
        sealed_at=st.datetimes(
            datetime(1970, 1, 1),  # noqa: DTZ001
            datetime(2300, 1, 1),  # noqa: DTZ001
            timezones=st.just(UTC),
        ),
        key_number=st.integers(1, 255),
    )
)
def test_the_head_of_a_seal_is_the_same_in_python(seal: SealColumns) -> None:
    ((head,),) = run(
        HEAD,
        [
            *(seal.number, seal.previous_head, seal.epoch, str(seal.horizon), seal.cluster, seal.event_count),
            *(seal.first_id, seal.last_id, seal.root, seal.sealed_at, seal.key_number),
        ],
    )
    assert bytes(head) == seal_head(seal)


def leaf(data: str) -> bytes:
    return sha256(b"\x00" + bytes.fromhex(data)).digest()


@pytest.mark.parametrize(
    ("count", "root"),
    [
        # Certificate Transparency's own examples for RFC 6962.
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_the_tree_is_that_of_rfc_6962(count: int, root: str) -> None:
    data = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    assert MerkleTree(leaf(item) for item in data[:count]).root.hex() == root


def test_a_tree_without_leaves_has_the_hash_of_nothing() -> None:
    assert MerkleTree().root == EMPTY_ROOT == sha256(b"").digest()


@given(st.lists(bytes_of_digest, max_size=70))
def test_the_tree_is_built_as_the_definition_says(leaves: list[bytes]) -> None:
    def root(hashes: list[bytes]) -> bytes:
        if len(hashes) == 1:
            return hashes[0]
        half = 1 << (len(hashes) - 1).bit_length() - 1
        return sha256(b"\x01" + root(hashes[:half]) + root(hashes[half:])).digest()

    assert MerkleTree(leaves).root == (root(leaves) if leaves else sha256().digest())
