from django.urls import re_path

from events import openapi  # noqa: F401  (describes these paths)
from events.device_views import AckView, EnrolView, ReportView, RotateView, WorkView
from events.upload_page import UploadPage
from events.views import ExhibitorView

urlpatterns = [
    re_path(r"^api/authenticate_exhibit/?\Z", ExhibitorView.as_view()),
    re_path(r"^v3/device/enrol/?\Z", EnrolView.as_view()),
    re_path(r"^v3/device/rotate/?\Z", RotateView.as_view()),
    re_path(r"^v3/device/report/?\Z", ReportView.as_view()),
    re_path(r"^v3/device/work/?\Z", WorkView.as_view()),
    re_path(r"^v3/device/ack/?\Z", AckView.as_view()),
    re_path(r"^upload/(?P<token>[A-Za-z0-9_-]{1,100})/?\Z", UploadPage.as_view()),
]
