"""Access to the tables of Django and of the libraries in use."""

from core.db.access import ALL_COLUMNS, AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, STAFF_ROLES, Role

EVERYBODY = (Role.APP, *ACTING_ROLES)

ACCESS: AccessDeclaration = {
    # Whoever writes a protected column asks which key is active; the rows hold nothing secret.
    "core.EncryptionKey": readers(*EVERYBODY),
    # Content types and permissions are reference data that Django reads while it renders any page.
    "contenttypes.ContentType": readers(*EVERYBODY),
    "auth.Permission": readers(*EVERYBODY),
    "auth.Group": readers(*EVERYBODY),
    "auth.Group_permissions": readers(*EVERYBODY),
    # Signing in and out happens as the login role; nobody else reads a session.
    "sessions.Session": {Role.APP: Rights(select=True, insert=True, update=ALL_COLUMNS, delete=True)},
    # Counters of the lock-out: kept while people sign in, lifted by administrators, forgotten by a job.
    "axes.AccessAttempt": {
        Role.APP: Rights(select=True, insert=True, update=ALL_COLUMNS, delete=True),
        Role.ADMINISTRATOR: Rights(select=True, delete=True),
        Role.WORKER: Rights(select=True, delete=True),
    },
    # Always empty; who deletes a counter has to ask for what might hang on it.
    "axes.AccessAttemptExpiration": dict.fromkeys(
        (Role.APP, Role.ADMINISTRATOR, Role.WORKER), Rights(select=True, delete=True)
    ),
    # One-time tokens of forms: written by whoever sends a form, read by nobody.
    "core.Submission": {role: Rights(insert=True) for role in STAFF_ROLES},
    # Django's own log of the back office: the trail is `audit_event`, this one only links pages.
    "admin.LogEntry": {role: Rights(select=True, insert=True) for role in STAFF_ROLES},
}

# They need keys that `core.encryption.keys_for` gives to one transaction: without, they refuse.
FUNCTIONS: FunctionDeclaration = {
    "crypt.enc(text)": EVERYBODY,
    "crypt.dec(bytea)": EVERYBODY,
    "crypt.seal(text)": EVERYBODY,
    "crypt.open(bytea)": EVERYBODY,
    "crypt.is_whole(bytea)": EVERYBODY,
}
