"""What the page of a performer shows of streams, and streams in the search box."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.urls import reverse

from core.admin.panels import Panel
from core.admin.search import HITS, Hit, SearchProvider, register_search
from core.admin.site import backoffice
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.admin.stream_panels import minute
from streams.admin.streams import streams_named
from streams.models import Stream
from streams.models.stream import READERS


def _list_of(model: str, query: str = "") -> Any:
    return lambda performer: f"{reverse(f'admin:streams_{model}_changelist')}?performer={performer.pk}{query}"


def _page_of(model: str) -> Any:
    return lambda row: reverse(f"admin:streams_{model}_change", args=[row.pk])


backoffice.add_panel(
    PerformerProfile,
    Panel(
        title="Streams",
        columns=(
            ("Title", "title"),
            ("Status", "status"),
            ("On air (UTC)", lambda row: minute(row.started_at)),
            ("Until (UTC)", lambda row: minute(row.ended_at)),
            ("Ended", lambda row: row.get_end_reason_display() or "–"),
        ),
        rows=lambda performer: Stream.all_objects.filter(performer=performer).order_by("-pk"),
        permission="streams.view_stream",
        url=_page_of("stream"),
        all_url=_list_of("stream", "&status=all"),
        empty="No stream yet.",
    ),
)
backoffice.add_panel(
    PerformerProfile,
    Panel(
        title="Ingest keys",
        columns=(
            ("Key", str),
            ("Made (UTC)", lambda row: minute(row.created_at)),
            ("Revoked (UTC)", lambda row: minute(row.revoked_at)),
        ),
        rows=lambda performer: performer.ingest_keys.order_by("-pk"),
        permission="streams.view_ingestkey",
        limit=5,
        url=_page_of("ingestkey"),
        all_url=_list_of("ingestkey"),
        empty="No key was made.",
    ),
)
backoffice.add_panel(
    PerformerProfile,
    Panel(
        title="Private shows",
        columns=(
            ("Status", "status"),
            ("Viewer", lambda row: str(row.viewer)),
            ("Tokens a minute", "tokens_per_minute"),
            ("From (UTC)", lambda row: minute(row.started_at)),
            ("Until (UTC)", lambda row: minute(row.ended_at)),
        ),
        rows=lambda performer: performer.private_shows.select_related("viewer").order_by("-pk"),
        permission="streams.view_privateshow",
        limit=5,
        url=_page_of("privateshow"),
        all_url=_list_of("privateshow"),
        empty="None was asked for.",
    ),
)


def find_streams(query: str) -> Iterator[Hit]:
    """The stream with this id, else those whose title or stage name begins like this, the newest first."""
    streams = Stream.all_objects.select_related("performer")
    try:
        found = list(streams.filter(pk=UUID(query)))
        is_exact = True
    except ValueError:
        found = list(streams_named(streams, query).order_by("-pk")[:HITS])
        is_exact = False
    for stream in found:
        yield Hit(
            title=str(stream),
            url=reverse("admin:streams_stream_change", args=[stream.pk]),
            words=f"{stream.performer}, {stream.get_status_display().lower()}",
            exact=is_exact,
        )


register_search(
    SearchProvider(
        "Streams",
        tuple(role for role in READERS if role is not Role.WORKER),
        find_streams,
        hint="title of a stream",
    )
)
