"""The door for any WSGI server: console, API and static files in one application."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forbear.settings")
application = get_wsgi_application()
