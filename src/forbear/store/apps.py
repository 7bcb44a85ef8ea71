"""The Django app that owns every table."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Tables carry their nouns' own names, without a prefix."""

    name = "forbear.store"
    label = "store"
