"""Twenty writers commit out of order while a sealer runs: no event is missed, none is sealed twice."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection

from audit.errors import SealingElsewhere
from audit.models import Event, Seal, SealLeaf
from audit.services.seals import events_seal
from core.models.identity import uuid7
from tests.audit.sealing import RECORD, seal, settle, verify
from tests.database import Databases
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 20
TRANSACTIONS = 30
LONGEST = 5


def test_twenty_writers_and_a_sealer_miss_nothing(test_databases: Databases) -> None:
    url = test_databases.url(connection.settings_dict["NAME"])
    seals_made = threading.Semaphore(0)
    stop = threading.Event()
    # A long transaction of another worker would keep the sealer from sealing while the writers write.
    settle()

    def write(number: int) -> int:
        """Some transactions stay open across seals, some write many events, every fifth is rolled back."""
        chance = random.Random(number)
        kept = 0
        with psycopg.connect(url) as writer:
            for turn in range(TRANSACTIONS):
                events = chance.randint(1, 8)
                for _ in range(events):
                    writer.execute(RECORD, [uuid7()])  # type: ignore[arg-type]
                    if number < LONGEST and turn % 10 == 0:
                        seals_made.acquire(timeout=10)
                if chance.random() < 0.2:
                    writer.rollback()
                else:
                    writer.commit()
                    kept += events
        return kept

    def seal_on() -> None:
        try:
            while not stop.is_set():
                for made in events_seal(most_events=25):
                    assert made.event_count
                seals_made.release()
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS + 1) as threads:
        sealer = threads.submit(seal_on)
        written = [threads.submit(write, number) for number in range(WRITERS)]
        kept = sum(writer.result() for writer in written)
        stop.set()
        sealer.result()
    seal()
    assert Event.objects.count() == SealLeaf.objects.count() == kept
    assert run("SELECT sum(event_count) FROM audit_seal") == [(kept,)]
    assert Seal.objects.count() > LONGEST
    report = verify()
    assert report.findings == []
    assert report.counts["events"] == kept


def test_two_sealers_at_once_make_one_chain(test_databases: Databases) -> None:
    url = test_databases.url(connection.settings_dict["NAME"])
    refusals: list[SealingElsewhere] = []

    written = threading.Event()

    def seal_on(_: int) -> None:
        try:
            while not written.is_set():
                try:
                    list(events_seal(most_events=10))
                except SealingElsewhere as refusal:
                    refusals.append(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads, psycopg.connect(url, autocommit=True) as writer:
        sealers = [threads.submit(seal_on, number) for number in range(2)]
        for _ in range(200):
            writer.execute(RECORD, [uuid7()])  # type: ignore[arg-type]
        written.set()
        for sealer in sealers:
            sealer.result()
    seal()
    assert Event.objects.count() == SealLeaf.objects.count()
    numbers = list(Seal.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert verify().findings == []
