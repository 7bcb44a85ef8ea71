"""Django's settings. Reads the environment once. No legal or commercial number is a setting."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from forbear.store.environment import night_at, office_zone
from forbear.store.keys import secret_key
from forbear.store.server import database_url, home

# Sounds of single characters are all that is asked; the phrases take half a second and 40 MiB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

PACKAGE = Path(__file__).parent
HOME = home()
DEBUG = os.environ.get("FORBEAR_DEBUG") == "1"
SECRET_KEY = secret_key(HOME)
ALLOWED_HOSTS = os.environ.get("FORBEAR_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("FORBEAR_ORIGINS", "").split(",") if o]


def database(url: str) -> dict[str, object]:
    """Return Django's settings of a postgresql:// address."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # Statements keep their plan, and a server that says nothing is given up in seconds.
        "OPTIONS": {"prepare_threshold": 5, "connect_timeout": "5", **options},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database(database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "forbear.store",
    "forbear.console",
    "forbear.jobs",
]
MIDDLEWARE = [
    "forbear.console.guard.Headers",  # first: no answer of anybody's leaves without them
    "forbear.api.problem.Problems",  # before the rest: it turns their pages into JSON
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "forbear.console.guard.Lifetime",
    "forbear.console.guard.SecondStep",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "forbear.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "console" / "templates"],  # before those of Django's own pages
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "forbear.console.frame.frame",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "console" / "locale"]
USE_TZ = True
TIME_ZONE = office_zone().key  # the office's clock, for display only

LOGGING = {  # what goes wrong is kept, without the secrets that it may have touched
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "forbear.store.log.Hiding",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {
        "file": {
            "class": "forbear.store.log.OwnersFile",
            "filename": HOME / "errors.log",
            "level": "ERROR",
            "formatter": "line",
            "delay": True,
        },
        "screen": {"class": "logging.StreamHandler", "level": "WARNING", "formatter": "line"},
    },
    "root": {"handlers": ["screen"], "level": "WARNING"},
    "loggers": {
        "django.request": {"handlers": ["file"], "propagate": False},
        "forbear": {"handlers": ["file"]},
    },
}

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

# Behind TLS: cookies that no other host can set or read, and no way back to plain HTTP.
HTTPS = os.environ.get("FORBEAR_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-forbear" if HTTPS else "forbear"
CSRF_COOKIE_NAME = "__Host-forbear-csrf" if HTTPS else "forbear-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600  # however busy: nobody works longer, a stolen session does
FORBEAR_IDLE_S = 60 * int(os.environ.get("FORBEAR_IDLE_MINUTES", "30"))
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0

# The ways out. Empty: that channel is not set up, and nothing is planned out of its queue.
FORBEAR_SMTP_URL = os.environ.get("FORBEAR_SMTP_URL", "")
FORBEAR_EMAIL_FROM = os.environ.get("FORBEAR_EMAIL_FROM", "")
FORBEAR_SMS_CONFIG = os.environ.get("FORBEAR_SMS_CONFIG", "")
FORBEAR_APP_CONFIG = os.environ.get("FORBEAR_APP_CONFIG", "")
FORBEAR_LETTERS = os.environ.get("FORBEAR_LETTERS", str(HOME / "letters"))
FORBEAR_NIGHT_AT = night_at()  # by the office's clock
