from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.admin_sessions import end_admin_sessions
from crud import ObjectType, register
from crud.models import ObjectManager, TenantObject
from kernel.model_fields import EmailField, SecretField, TextCharField, normal_secret
from tenancy.foreign_key import TenantForeignKey
from tenancy.principal import Access, Principal, Role


class UserManager(ObjectManager):
    """What Django's authentication and commands ask for. Like every manager it sees the active account only."""

    def get_by_natural_key(self, username: str) -> User:
        user: User = self.get(username=username)
        return user

    def create_user(self, username: str, email: str | None = None, password: str | None = None, **values: Any) -> User:
        user: User = self.model(username=username, email=email, **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **values: Any
    ) -> User:
        return self.create_user(username, email, password, **values | {"super": True, "account": None})


class User(AbstractBaseUser, TenantObject):
    """Who signs in. A super user belongs to no account."""

    account = models.ForeignKey(  # type: ignore[assignment]  # super users have none
        "accounts.Account", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    person = TenantForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    username = TextCharField(max_length=150, unique=True)
    email = EmailField(unique=True, null=True, blank=True)
    name = TextCharField(max_length=200, null=True, blank=True)
    password = SecretField(validators=[validate_password])
    super = models.BooleanField(default=False)
    manager = models.BooleanField(default=False)
    administrator = models.BooleanField(default=False)
    verified_on = models.DateTimeField(null=True, blank=True)
    last_login = models.DateTimeField(null=True, blank=True)

    objects = UserManager()  # type: ignore[misc]

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = []

    class Meta(TenantObject.Meta):
        db_table = "user"

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(None if raw_password is None else normal_secret(raw_password))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new password, or being disabled, ends every sign-in that came before."""
        adding, changed = self._state.adding, {} if self._state.adding else self.changes()
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            if not adding and ("password" in changed or not self.is_active):
                sign_ins = apps.get_model("accounts", "RefreshToken").objects.filter(user=self, revoked_on=None)
                sign_ins.update(revoked_on=timezone.now())
            if not self.is_active and changed.keys() & {"enable", "hide"}:
                end_admin_sessions([self.pk])  # a changed password ends them by itself

    def derive(self) -> None:
        self.username = self.normalize_username((self.username or "").strip())
        self.email = (self.email or "").strip() or None
        super().derive()

    @property
    def role(self) -> Role:
        for role in (Role.SUPER, Role.MANAGER, Role.ADMINISTRATOR):
            if getattr(self, role.label):
                return role
        return Role.USER

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.enable and not self.hide

    @property
    def is_staff(self) -> bool:
        return self.role >= Role.ADMINISTRATOR

    @property
    def is_superuser(self) -> bool:
        return self.super

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """What knows only Django's permissions is for super users; the types' admin asks ObjectType.may instead."""
        return self.is_active and self.super

    def has_perms(self, perms: list[str], obj: Any = None) -> bool:
        return self.has_perm("", obj)

    def has_module_perms(self, app_label: str) -> bool:
        return self.has_perm("")


@register
class UserType(ObjectType):
    model = User
    parents = ["account", "person"]
    restricted = {"super": "super"}
    read_only = ["last_login"]
    sorted_by = ["username"]
    personal = ["username", "email", "name", "notes"]
    same_person = ["person"]
    search_text = ["username", "email", "name"]
    views = {"enriched": ["account.name", "person.full_name"]}
    roles = {"read": "manager", "create": "manager", "update": "manager", "delete": "manager"}

    def rows(self, access: Access) -> Any:
        rows = super().rows(access)
        return rows if access.role is Role.SUPER else rows.filter(super=False)

    def was_readable(self, access: Access, state: dict[str, Any]) -> bool:
        return super().was_readable(access, state) and (access.role is Role.SUPER or not state["super"])

    def validate(self, row: User, principal: Principal) -> None:
        if (row.super or row.stored("super")) and not principal.may(Role.SUPER):
            raise ValidationError({"super": ["Only a super user makes or changes super users."]})
        if row.role > principal.role:
            raise ValidationError({row.role.label: ["Nobody gives a role above their own."]})
        if row.account_id is None and not row.super and principal.account_id is None:
            raise ValidationError({"account_id": ["Only a super user belongs to no account."]})
