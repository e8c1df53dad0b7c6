"""Who may do what to archives of people and the map behind them; a part of `audit.access`."""

from audit.models.compliance import personal_archive, personal_data_source
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

ARCHIVE_ACCESS: AccessDeclaration = {
    # Copied by the owner after each migrate.
    "audit.PersonalDataSource": readers(*personal_data_source.READERS),
    "audit.PersonalArchive": {
        **readers(*personal_archive.STAFF_READERS, *personal_archive.PEOPLE),
        Role.COMPLIANCE: Rights(select=True, may=("open_personalarchive",)),
        Role.WORKER: Rights(select=True, insert=True, update=("file_key", "expires_at", "deleted_at")),
    },
}

ARCHIVE_FUNCTIONS: FunctionDeclaration = {
    # Asks for itself whether a request of that person is running.
    "personal_rows_open(uuid, text, text, text)": (Role.WORKER,),
    "personal_archives_survey(uuid)": (Role.COMPLIANCE,),
    "personal_archives_erase(uuid)": (Role.COMPLIANCE,),
}
