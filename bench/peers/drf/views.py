from django.db.models import Q
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError

from bench.peers.drf.api import meta
from bench.peers.drf.models import Event, EventSession, Journal, JournalEntry, Person

COMMON = ["enable", "hide", "priority", "sort", "group", "notes", "created_on", "updated_on"]
OPERATORS = {"eq": "exact", "contains": "icontains", "gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte"}


class OwnSlugField(serializers.SlugRelatedField):
    """A reference by public id, within the account."""

    def get_queryset(self):
        return super().get_queryset().filter(account_id=self.context["request"].user.account_id)


class EventSessionSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="id_random", read_only=True)
    account_id = serializers.CharField(source="account.id_random", read_only=True)
    event_id = serializers.SlugRelatedField(slug_field="id_random", source="event", read_only=True)
    event_location_id = serializers.SlugRelatedField(slug_field="id_random", source="event_location", read_only=True)
    poc_person_id = serializers.SlugRelatedField(slug_field="id_random", source="poc_person", read_only=True)

    class Meta:
        model = EventSession
        fields = ["id", "account_id", "event_id", "event_location_id", "poc_person_id", *COMMON, "code", "name"]
        fields += ["description", "type_code", "start_datetime", "end_datetime", "external_id"]


class JournalEntrySerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="id_random", read_only=True)
    account_id = serializers.CharField(source="account.id_random", read_only=True)
    journal_id = OwnSlugField(slug_field="id_random", source="journal", queryset=Journal.objects.all())
    person_id = OwnSlugField(
        slug_field="id_random", source="person", queryset=Person.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = JournalEntry
        fields = ["id", "account_id", "journal_id", "person_id", *COMMON, "name", "category_code", "content"]
        fields += ["tags_json", "start_datetime", "end_datetime", "start_time_zone", "latitude", "longitude", "url"]


def build(node):
    if "and" in node:
        return Q(*map(build, node["and"]))
    if "or" in node:
        return Q(*map(build, node["or"]), _connector=Q.OR)
    if node["field"] not in JournalEntrySerializer.Meta.fields:
        raise ValidationError(node["field"])
    return Q(**{f"{node['field']}__{OPERATORS[node['op']]}": node["value"]})


class BaseViewSet(viewsets.ModelViewSet):
    lookup_field = "id_random"
    lookup_value_regex = "[A-Za-z0-9_-]{11,22}"

    def get_queryset(self):
        rows = super().get_queryset().filter(account_id=self.request.user.account_id).order_by("id")
        return rows if self.detail else rows.filter(enable=True, hide=False)

    def perform_create(self, serializer):
        serializer.save(account_id=self.request.user.account_id)

    def finalize_response(self, request, response, *args, **kwargs):
        if response.status_code < 400 and "meta" not in response.data:
            response.data = {"data": response.data, "meta": meta(response.status_code)}
        return super().finalize_response(request, response, *args, **kwargs)

    @action(detail=False, methods=["post"])
    def search(self, request):
        page = self.paginate_queryset(self.get_queryset().filter(build(request.data)))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class EventSessionViewSet(BaseViewSet):
    queryset = EventSession.objects.select_related("account", "event", "event_location", "poc_person")
    serializer_class = EventSessionSerializer
    filterset_fields = ["enable", "hide", "code", "name"]


class JournalEntryViewSet(BaseViewSet):
    queryset = JournalEntry.objects.select_related("account", "journal", "person")
    serializer_class = JournalEntrySerializer
    filterset_fields = ["enable", "hide", "category_code", "name"]


class EventViewSet(BaseViewSet):
    queryset = Event.objects.all()
    serializer_class = EventSessionSerializer

    @action(detail=True)
    def event_session(self, request, id_random=None):
        rows = EventSessionViewSet.queryset.filter(
            account_id=request.user.account_id, event=self.get_object(), enable=True, hide=False
        )
        page = self.paginate_queryset(rows.order_by("id"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
