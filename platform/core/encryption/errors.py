"""What goes wrong with keys, in words that say what to do."""

from core.errors import Refused


class KeyMissing(Refused):
    """This process does not hold the key that the work needs."""

    code = "key_missing"


class KeyMalformed(Refused):
    """A file of the keys directory does not hold a key of its kind."""

    code = "key_malformed"


class KeyExists(Refused):
    """A key is never overwritten: what it encrypted would be lost."""

    code = "key_exists"
