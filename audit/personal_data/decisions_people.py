"""Decisions about the tables of accounts and performers."""

from audit.personal_data.declarations import Decision, Given, Nobodys, Way
from audit.personal_data.reasons import COMPANY, DIGEST, SECRET, STAFF

PEOPLE: dict[str, Decision] = {
    "accounts.Acceptance": Given(provided=True),
    "accounts.Consent": Given(provided=True),
    "accounts.ContactVerification": Given(withheld={"code_digest": SECRET}),
    "accounts.IdentityProviderLink": Given(provided=True),
    "accounts.LoginEvent": Given(provided=True),
    "accounts.ProfileMedia": Given(
        provided=("kind", "object_key", "media_type", "size_bytes", "width", "height", "position"),
        shown_secrets=("object_key", "sha256"),
    ),
    "accounts.RecoveryCode": Given(withheld={"digest": SECRET}),
    "accounts.TotpDevice": Given(withheld={"secret": SECRET}),
    "accounts.User": Given(provided=("handle", "locale", "time_zone", "country", "signed_up_at")),
    "accounts.UserContact": Given(provided=("kind", "value", "is_primary")),
    "accounts.UserPassword": Given(withheld={"password_hash": SECRET}),
    "accounts.UserSession": Given(
        withheld={"token_digest": SECRET}, provided=("created_at", "address", "user_agent", "last_used_at")
    ),
    "accounts.ViewerProfile": Given(provided=True),
    "performers.AttributeDefinition": Nobodys(STAFF),
    "performers.GeoBlock": Given(provided=True),
    "performers.IdentityDocument": Given(withheld={"sha256": DIGEST}, provided=("kind", "storage_reference")),
    "performers.IdentityRecord": Given(provided=("legal_name", "birth_date")),
    "performers.PayoutPreference": Given(provided=True),
    "performers.PerformerAlias": Given(provided=True),
    "performers.PerformerAttribute": Given(provided=True),
    "performers.PerformerLanguage": Given(provided=True),
    "performers.PerformerProfile": Given(
        provided=("stage_name", "slug", "headline", "biography", "pronouns", "displayed_location")
    ),
    "performers.PerformerResidence": Given(provided=True),
    "performers.ScheduleOccurrence": Given(provided=True),
    "performers.ScheduleSeries": Given(provided=True),
    "performers.StreamingDefault": Given(provided=True),
    "performers.Studio": Nobodys(COMPANY),
    "performers.StudioMembership": Given((Way("performer"),)),
    "performers.TimeOff": Given(provided=True),
}
