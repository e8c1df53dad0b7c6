"""What the services of this app refuse."""

from core.errors import Refused


class StreamRefused(Refused):
    """The stream breaks a rule, or is not in the state that this needs."""

    code = "stream_refused"


class AccessRefused(Refused):
    """A rule or grant of access that makes no sense: no target, two targets, or values that do not belong to it."""

    code = "access_refused"


class WatchRefused(Refused):
    """A question about watching that cannot be answered as it was asked: an unknown country, or no one target."""

    code = "watch_refused"


class SearchRefused(Refused):
    """A search or a filter that nobody can mean."""

    code = "search_refused"


class PageRefused(Refused):
    """A page token that is forged, belongs to another list, or whose list is over."""

    code = "page_refused"


class MayNotGoLive(StreamRefused):
    """Somebody in the stream may not perform now, or has not consented; `obstacles` are all the sentences."""

    code = "may_not_go_live"

    def __init__(self, obstacles: tuple[str, ...]) -> None:
        self.obstacles = obstacles
        super().__init__(f"This stream may not go on air. {' '.join(obstacles)}")


class LeaseLost(StreamRefused):
    """The session does not hold the stream: it was ended, or another session started it."""

    code = "lease_lost"


class IngestKeyRefused(Refused):
    """The key breaks a rule: there is an active one, or none."""

    code = "ingest_key_refused"


class ParticipantRefused(Refused):
    """The participant cannot be named, join or leave."""

    code = "participant_refused"


class ReleaseRefused(Refused):
    """The consent cannot be recorded or withdrawn."""

    code = "release_refused"


class PrivateShowRefused(Refused):
    """The private show breaks a rule: one of the two is in another one, or may not perform."""

    code = "private_show_refused"


class ViewerCountRefused(Refused):
    """A viewer count is negative, of the future, or of a stream that does not exist."""

    code = "viewer_count_refused"


class CatalogueRefused(Refused):
    """A category, tag or label breaks a rule of the catalogue."""

    code = "catalogue_refused"


class CategoryUnknown(CatalogueRefused):
    """There is no such category, or it was merged into another one."""

    code = "category_unknown"


class CategoryMoveRefused(CatalogueRefused):
    """A category cannot lie below itself, below what was merged, or deeper than the tree goes."""

    code = "category_move_refused"


class MergeRefused(CatalogueRefused):
    """Two rows of the catalogue cannot be merged, or a merge cannot be undone."""

    code = "merge_refused"


class TagRefused(CatalogueRefused):
    """This is no tag, or one that may not be used."""

    code = "tag_refused"


class LabelRefused(CatalogueRefused):
    """The label cannot be set, changed or taken away."""

    code = "label_refused"


class RecordingRefused(Refused):
    """The recording breaks a rule, or is not in the state that this needs."""

    code = "recording_refused"


class RecordingUnknown(Refused):
    """A provider reports on a recording that nobody asked for."""

    code = "recording_unknown"


class ReportRefused(Refused):
    """A provider's report cannot be read, or uses the id of another one."""

    code = "report_refused"


class ArchiveRefused(Refused):
    """The archive breaks a rule, or is not in the state that this needs."""

    code = "archive_refused"


class ClipRefused(Refused):
    """The clip breaks a rule: it leaves its archive, is too short or too long, or was removed before."""

    code = "clip_refused"


class ProgressRefused(Refused):
    """The position does not lie within the archive, or there is no such archive to watch."""

    code = "progress_refused"
