from django.urls import re_path

from actions.tus.views import UploadsView, UploadView

urlpatterns = [
    re_path(r"^v3/files/tus/?\Z", UploadsView.as_view()),
    re_path(r"^v3/files/tus/(?P<upload_id>[A-Za-z0-9_-]{1,22})/?\Z", UploadView.as_view()),
]
