from accounts.models.account import Account
from accounts.models.account_service import AccountService
from accounts.models.api_key import ApiKey, ApiKeyAccount
from accounts.models.contact import Contact
from accounts.models.organization import Organization
from accounts.models.person import Person
from accounts.models.refresh_token import RefreshToken
from accounts.models.site import Site
from accounts.models.site_domain import SiteDomain
from accounts.models.user import User

__all__ = [
    "Account",
    "AccountService",
    "ApiKey",
    "ApiKeyAccount",
    "Contact",
    "Organization",
    "Person",
    "RefreshToken",
    "Site",
    "SiteDomain",
    "User",
]
