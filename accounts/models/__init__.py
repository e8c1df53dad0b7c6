"""People, their handles, roles, limits, preferences and sessions."""

from accounts.models.account_flag import AccountFlag
from accounts.models.contact_verification import ContactVerification
from accounts.models.login_event import LoginEvent
from accounts.models.reserved_handle import ReservedHandle
from accounts.models.restriction import Restriction
from accounts.models.role_grant import RoleGrant
from accounts.models.second_factor import RecoveryCode, TotpDevice
from accounts.models.user import User
from accounts.models.user_contact import UserContact
from accounts.models.user_password import UserPassword
from accounts.models.user_session import UserSession
from accounts.models.viewer_profile import ViewerProfile

__all__ = [
    "AccountFlag",
    "ContactVerification",
    "LoginEvent",
    "RecoveryCode",
    "ReservedHandle",
    "Restriction",
    "RoleGrant",
    "TotpDevice",
    "User",
    "UserContact",
    "UserPassword",
    "UserSession",
    "ViewerProfile",
]
