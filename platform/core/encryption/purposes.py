"""Why keys are asked for."""

from django.db.models import TextChoices


class Purpose(TextChoices):
    """What a block of work may do with keys; told to PostgreSQL as `app.key_purpose`."""

    STORE = "store", "Encrypts; reads nothing back"
    VERIFY = "verify", "Compares what somebody enters with a stored secret; shows it to nobody"
    DELIVER = "deliver", "Sends something to the person it is about"
    REVEAL = "reveal", "Shows a person's data to a member of staff, once"
    EXPORT = "export", "Hands a person their data, or an authority what it may have"
    ARCHIVE = "archive", "Moves rows into the archive of partitions or back; shows them to nobody"
    ROTATE = "rotate", "Encrypts again under a newer key"

    @property
    def reads(self) -> bool:
        """Whether encrypted columns load as plaintext."""
        return self is not Purpose.STORE

    @property
    def is_told(self) -> bool:
        """Whether each use is told to `keys_used`: whatever reads, unless nobody comes to know what was read."""
        return self.reads and self is not Purpose.VERIFY

    @property
    def opens(self) -> bool:
        """Whether seals may be opened, in a process that holds the private key."""
        return self in (Purpose.REVEAL, Purpose.ROTATE)
