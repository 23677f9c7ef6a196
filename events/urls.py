from django.urls import re_path

from events.views import ExhibitorView

urlpatterns = [re_path(r"^api/authenticate_exhibit/?\Z", ExhibitorView.as_view())]
