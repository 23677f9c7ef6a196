"""The rules that forms and the API share."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from lookups.models import Country, CountrySubdivision, TimeZone

pytestmark = pytest.mark.usefixtures("world")


def complaints(row):
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    return set(caught.value.message_dict)


def test_forms_are_told_of_a_taken_place(north):
    us = {"code": "US", "group": "us", "name": "x"}
    assert complaints(Country(**us)) == {"group"}
    own = Country(account_id=north.account.pk, **us)
    own.full_clean()
    own.save()
    own.full_clean()
    assert complaints(Country(account_id=north.account.pk, **us)) == {"group"}
    Country(account_id=north.account.pk, for_type="journal", for_id="AAAAAAAAAAA", **us).full_clean()


def test_what_does_not_fit_together(north):
    new = {"code": "XX", "group": "XX", "name": "x"}
    assert complaints(Country(for_type="journal", for_id="AAAAAAAAAAA", **new)) == {"for_id"}
    assert complaints(Country(for_type="journal", account_id=1, **new)) == {"for_id"}
    assert complaints(CountrySubdivision(**new)) == {"country_group"}
    assert complaints(CountrySubdivision(country_group="ZZ", **new)) == {"country_group"}
    assert complaints(TimeZone(**new)) == {"code"}


def test_empty_texts_of_forms_are_no_object(north):
    row = Country(code="US", group="US", name="x", account_id=north.account.pk, for_type="", for_id="")
    row.save()
    assert complaints(Country(code="US", group="US", name="y", account_id=north.account.pk)) == {"group"}
    assert north.member.get("/v3/lookup/country/resolve?q=US").data["for_id"] is None


def test_a_save_of_nothing_writes_nothing():
    row = Country.objects.get(group="US")
    before = row.updated_on
    row.save()
    row.updated_on = timezone.now()  # as the admin sets it
    row.save()
    row.refresh_from_db()
    assert row.updated_on == before


def test_a_place_is_not_changed_behind_its_back():
    with pytest.raises(ValueError, match="place"):
        Country.objects.filter(group="US").update(group="CA")
