"""The base of every error that says: the database cannot be used, and this is what to do."""


class DatabaseUnavailable(Exception):
    """The database cannot be used.

    The message is written for people: what is wrong and what to do about it. `manage.py` prints it
    without a traceback and exits with status 1.
    """
