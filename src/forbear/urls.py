"""Where each address leads: the API, the administration of users, and the console."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from forbear.api.app import api

urlpatterns = [
    path("api/", api.urls),
    path("admin/", admin.site.urls),
    path("", include("forbear.console.urls")),
]
