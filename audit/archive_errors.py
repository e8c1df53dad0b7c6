"""What the services of archives of people refuse."""

from core.errors import Refused


class ArchiveRefused(Refused):
    """The archive cannot be made, or not be handed out, as things are."""

    code = "personal_archive_refused"


class ArchiveTampered(Refused):
    """What lies in the storage is not what was put there."""

    code = "personal_archive_tampered"


class SealsNotOpened(ArchiveRefused):
    """This process holds no key for something that the person sealed to us; nothing was made."""

    code = "personal_archive_seals"
