from django.urls import re_path

from lookups import openapi  # noqa: F401  (describes these paths)
from lookups.views import CollectionView, ListView, ResolveView, RowView

LU_TYPE = r"^v3/lookup/(?P<lu_type>[^/]+)"

urlpatterns = [
    re_path(rf"{LU_TYPE}/list/?\Z", ListView.as_view()),
    re_path(rf"{LU_TYPE}/resolve/?\Z", ResolveView.as_view()),
    re_path(rf"{LU_TYPE}/?\Z", CollectionView.as_view()),
    re_path(rf"{LU_TYPE}/(?P<public_id>[^/]+)/?\Z", RowView.as_view()),
]
