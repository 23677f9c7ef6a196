from django.urls import re_path

from agents.documentation import describe_endpoint
from agents.views import McpView

describe_endpoint()

urlpatterns = [re_path(r"^v3/mcp/?\Z", McpView.as_view())]
