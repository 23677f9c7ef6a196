# ruff: noqa: DJ008  (nobody looks at these models)

import secrets

from django.db import models


def new_id() -> str:
    return secrets.token_urlsafe(8)


class Common(models.Model):
    id_random = models.CharField(max_length=22, unique=True, default=new_id)
    enable = models.BooleanField(default=True)
    hide = models.BooleanField(default=False)
    priority = models.BooleanField(default=False)
    sort = models.IntegerField(null=True)
    group = models.CharField(max_length=100, null=True)
    notes = models.TextField(null=True)
    created_on = models.DateTimeField(auto_now_add=True)
    updated_on = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        managed = False


class Account(Common):
    class Meta(Common.Meta):
        db_table = "account"


class OfAccount(Common):
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")

    class Meta(Common.Meta):
        abstract = True


class Person(OfAccount):
    class Meta(OfAccount.Meta):
        db_table = "person"


# Parents may be null here, so that the ORM joins them by LEFT JOIN: with INNER ones MariaDB may begin at the parents
# and sort every entry of the account, which would measure its optimizer instead of the framework.


class Event(OfAccount):
    class Meta(OfAccount.Meta):
        db_table = "event"


class EventLocation(OfAccount):
    class Meta(OfAccount.Meta):
        db_table = "event_location"


class Journal(OfAccount):
    class Meta(OfAccount.Meta):
        db_table = "journal"


class EventSession(OfAccount):
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    event_location = models.ForeignKey(EventLocation, models.PROTECT, null=True, related_name="+")
    poc_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=100, null=True)
    name = models.CharField(max_length=255)
    description = models.TextField(null=True)
    type_code = models.CharField(max_length=100, null=True)
    start_datetime = models.DateTimeField(null=True)
    end_datetime = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=100, null=True)

    class Meta(OfAccount.Meta):
        db_table = "event_session"


class JournalEntry(OfAccount):
    journal = models.ForeignKey(Journal, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=255, null=True)
    category_code = models.CharField(max_length=100, null=True)
    content = models.TextField(null=True)
    tags_json = models.JSONField(null=True)
    start_datetime = models.DateTimeField(null=True)
    end_datetime = models.DateTimeField(null=True)
    start_time_zone = models.CharField(max_length=64, null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    url = models.CharField(max_length=500, null=True)
    default_qry_str = models.TextField(null=True)

    class Meta(OfAccount.Meta):
        db_table = "journal_entry"

    def save(self, *args, **kwargs):
        texts = filter(None, [self.name, self.category_code, self.content, self.url])
        self.default_qry_str = f" {' '.join(texts)} ".lower()
        super().save(*args, **kwargs)
