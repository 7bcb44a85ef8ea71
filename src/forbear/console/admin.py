"""The administration of users and their roles, and of nothing else."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.utils.translation import gettext_lazy as _

from forbear.console.labels import label

admin.site.site_header = admin.site.site_title = "Forbear"
admin.site.index_title = _("用户与角色")
admin.site.unregister(User)
admin.site.unregister(Group)
apps.get_app_config("auth").verbose_name = _("用户与角色")
Group._meta.verbose_name = Group._meta.verbose_name_plural = _("角色")


class RoleField(ModelMultipleChoiceField):  # type: ignore[type-arg]
    """The roles by the names that the console gives them."""

    def label_from_instance(self, obj: Any) -> str:
        """Return what the pages call a role."""
        return label("role", obj.name)


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Who may sign in, and in which roles. Rights come from roles alone."""

    list_display = ("username", "first_name", "is_active", "last_login")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("姓名"), {"fields": ("first_name", "last_name", "email")}),
        (_("角色"), {"fields": ("is_active", "is_staff", "groups")}),
    )
    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the roles as boxes to tick; there are four."""
        if db_field.name != "groups":
            return super().formfield_for_manytomany(db_field, request, **kwargs)
        return RoleField(
            Group.objects.order_by("pk"),
            required=False,
            label=_("角色"),
            widget=CheckboxSelectMultiple,
            help_text=_("权限只来自角色。要管理用户，还须打开上面的工作人员状态。"),
        )

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """Refuse: a user who left is made inactive, their name stays in the records."""
        del request, obj
        return False


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """The roles. What each may do is in the code, so they are only read here."""

    def has_add_permission(self, request: object) -> bool:
        """Refuse: a role that the code does not know may do nothing."""
        del request
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        """Refuse: what a role may do is not settled here."""
        del request, obj
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """Refuse: the next start would make it again."""
        del request, obj
        return False
