"""Changing one's password, and the rules for a new one: /v3/auth/password/change and /v3/auth/rules."""

from __future__ import annotations

import re

from django.contrib.auth.password_validation import get_default_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse

from accounts import families, standing
from accounts.models import User
from accounts.peer import peer_network
from accounts.sign_in import MAX_SECRET, fits
from accounts.throttles import GuessLimit
from accounts.views import AuthView, read_fields
from crud import ApiRequest
from kernel.errors import Invalid, Refused, Unauthenticated
from kernel.model_fields import normal_secret
from kernel.wording import characters
from tenancy.context import every_tenant


class PasswordChangeView(AuthView):
    """Every session of the user ends with the old password; the one that asked gets a new pair."""

    def post(self, request: ApiRequest) -> HttpResponse:
        principal = request.principal
        if principal.session_id is None or principal.read_only:
            raise Refused("Only a user who is signed in changes a password.")
        fields = read_fields(request, "old", "new")
        for name, secret in fields.items():
            if not secret or len(secret) > MAX_SECRET:
                raise Invalid.field(name, characters(1, MAX_SECRET))
        limit = GuessLimit("password", str(principal.user_public_id), peer_network(self.peer))
        limit.attempt()
        with every_tenant(reason="change one's own password; a super user has no account"), transaction.atomic():
            user = User.objects.select_for_update().get(pk=principal.user_id)
            if not fits(fields["old"], user.password):
                raise Unauthenticated("The old password is not right.")
            limit.succeeded()
            set_password(user, fields["new"])
            pair = families.begin(user, self.place)
        standing.forget()
        return self.answer({"access": pair["access"], "refresh": pair["refresh"]})


def set_password(user: User, new: str) -> None:
    """By the rules of `AUTH_PASSWORD_VALIDATORS`; all sessions of the user end. Raises Invalid."""
    try:
        validate_password(normal_secret(new), user)
    except ValidationError as error:
        raise Invalid.field("new", " ".join(error.messages)) from None
    user.set_password(new)
    user.save()


class RulesView(AuthView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: ApiRequest) -> HttpResponse:
        validators = get_default_password_validators()
        rules = [{"code": code_of(type(rule).__name__), "text": rule.get_help_text()} for rule in validators]
        shortest = max((getattr(rule, "min_length", 0) for rule in validators), default=0)
        return self.answer({"rules": rules, "min_length": shortest})


def code_of(class_name: str) -> str:
    """MinimumLengthValidator → minimum_length"""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name.removesuffix("Validator")).lower()
