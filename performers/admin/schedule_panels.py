"""Calendar, studio, settings and figures on the page of a performer."""

from accounts.admin.links import period
from core.admin.panels import Panel
from core.admin.site import backoffice
from performers.admin.of_performer import list_of_performer, page_of
from performers.admin.schedule import on_the_clock
from performers.admin.studios import percent
from performers.models import GeoBlock, PerformerProfile, Presence
from performers.models.schedule_occurrence import LIVING

PANELS = (
    Panel(
        title="Planned broadcasts",
        columns=(("Title", "title"), ("When", on_the_clock), ("Status", "status"), ("Reason", "reason")),
        rows=lambda performer: performer.schedule_occurrences.filter(LIVING).upcoming(),
        permission="performers.view_scheduleoccurrence",
        url=page_of("scheduleoccurrence"),
        all_url=list_of_performer("scheduleoccurrence"),
        empty="Nothing is planned.",
    ),
    Panel(
        title="Series",
        columns=(
            ("Title", "title"),
            ("Rule", "rule"),
            ("Starts at", lambda row: f"{row.local_time:%H:%M} {row.time_zone}"),
            ("Last day", lambda row: f"{row.last_day:%Y-%m-%d}"),
            ("Ended early", lambda row: f"{row.ended_at:%Y-%m-%d}" if row.ended_at else "–"),
        ),
        rows=lambda performer: performer.schedule_series.order_by("-pk"),
        permission="performers.view_scheduleseries",
        url=page_of("scheduleseries"),
        all_url=list_of_performer("scheduleseries"),
        empty="No series.",
    ),
    Panel(
        title="Time off",
        columns=(
            ("Period (UTC)", lambda row: period(row.during)),
            ("Withdrawn", lambda row: f"{row.withdrawn_at:%Y-%m-%d}" if row.withdrawn_at else "–"),
        ),
        rows=lambda performer: performer.time_off.order_by("-pk"),
        permission="performers.view_timeoff",
        all_url=list_of_performer("timeoff"),
        empty="No time off.",
    ),
    Panel(
        title="Studio",
        columns=(
            ("Studio", "studio"),
            ("Studio's share", lambda row: percent(row.studio_share)),
            ("Period (UTC)", lambda row: period(row.valid)),
        ),
        rows=lambda performer: performer.studio_memberships.select_related("studio").order_by("-pk"),
        permission="performers.view_studiomembership",
        url=page_of("studiomembership"),
        all_url=list_of_performer("studiomembership"),
        empty="Belongs to no studio.",
    ),
    Panel(
        title="Not shown in",
        columns=(("Country", "country"), ("Subdivision", lambda row: row.subdivision or "all of it")),
        rows=lambda performer: GeoBlock.objects.filter(performer=performer).order_by(
            "country", "subdivision"
        ),
        permission="performers.view_geoblock",
        all_url=list_of_performer("geoblock"),
        empty="Shown everywhere.",
    ),
    Panel(
        title="Presence",
        columns=(("State", "state"), ("Since", lambda row: f"{row.since:%Y-%m-%d %H:%M} UTC")),
        rows=lambda performer: Presence.objects.filter(performer=performer),
        permission="performers.view_presence",
        empty="Not here.",
    ),
    Panel(
        title="Figures",
        columns=(
            ("Day (UTC)", lambda row: f"{row.day:%Y-%m-%d}"),
            ("Followers", "followers"),
            ("Minutes live", "minutes_live"),
            ("Average viewers", "average_viewers"),
            ("Peak viewers", "peak_viewers"),
            ("Tokens earned", "earned_tokens"),
        ),
        rows=lambda performer: performer.metrics.order_by("-day"),
        permission="performers.view_performermetric",
        all_url=list_of_performer("performermetric"),
        empty="No figures yet.",
    ),
)

for panel in PANELS:
    backoffice.add_panel(PerformerProfile, panel)
