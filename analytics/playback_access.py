"""Who may do what to playback: raw rows, salts and links are the worker's alone."""

from analytics.rollup_access import INSIGHT_READERS
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

PLAYBACK_ACCESS: AccessDeclaration = {
    "analytics.PlaybackEvent": {Role.WORKER: Rights(select=True, insert=True)},
    "analytics.ViewerSession": {Role.WORKER: Rights(select=True, insert=True, delete=True)},
    "analytics.RotatingSalt": {Role.WORKER: Rights(select=True, insert=True, delete=True)},
    "analytics.PlaybackViewer": {Role.WORKER: Rights(select=True, insert=True, delete=True)},
    "analytics.PlaybackRejection": {
        **readers(*INSIGHT_READERS),
        Role.WORKER: Rights(select=True, insert=True, update=("events", "updated_at")),
    },
}

PLAYBACK_FUNCTIONS: FunctionDeclaration = {
    "analytics_playback_survey(uuid)": (Role.COMPLIANCE,),
    "analytics_playback_erase(uuid)": (Role.COMPLIANCE,),
}
