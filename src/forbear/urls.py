"""Where each address leads: the API, the administration of users, and the console."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from forbear.api.app import api
from forbear.console.views.sign_in import admin_sign_in

urlpatterns = [
    path("api/", api.urls),
    path("admin/login/", admin_sign_in),
    path("admin/", admin.site.urls),
    path("", include("forbear.console.urls")),
]
