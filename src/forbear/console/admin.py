"""The administration of users and their roles, and of nothing else."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin  # type: ignore[import-untyped]
from unfold.forms import (  # type: ignore[import-untyped]
    AdminPasswordChangeForm,
    UserChangeForm,
    UserCreationForm,
)

admin.site.site_header = admin.site.site_title = "Forbear"
admin.site.index_title = _("用户与角色")
admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """Who may sign in, and in which roles. Rights come from roles alone."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "is_active", "last_login")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("姓名"), {"fields": ("first_name", "last_name", "email")}),
        (_("角色"), {"fields": ("is_active", "is_staff", "groups")}),
    )

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """Refuse: a user who left is made inactive, their name stays in the records."""
        del request, obj
        return False


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
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
