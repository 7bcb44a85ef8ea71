"""The administration of users and their roles, and of nothing else."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin  # type: ignore[import-untyped]
from unfold.forms import (  # type: ignore[import-untyped]
    AdminPasswordChangeForm,
    UserChangeForm,
    UserCreationForm,
)
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget  # type: ignore[import-untyped]

from forbear.console.labels import label

admin.site.site_header = admin.site.site_title = "Forbear"
admin.site.index_title = _("用户与角色")
admin.site.unregister(User)
admin.site.unregister(Group)
apps.get_app_config("auth").verbose_name = _("用户与角色")
Group._meta.verbose_name = Group._meta.verbose_name_plural = _("角色")

GREENS = "f0f8f6 e3f1ed c3e2d9 9fd3c2 5fc7aa 2a8a76 17685a 12554a 0f453c 0c3831 06231c"
WEIGHTS = "50 100 200 300 400 500 600 700 800 900 950"


def mark(request: HttpRequest) -> str:
    """Return the address of the product's mark."""
    del request
    return static("console/mark.svg")


def greens(request: HttpRequest) -> dict[str, str]:
    """Return the console's accent in the shades that the administration asks for."""
    del request
    return {w: f"#{g}" for w, g in zip(WEIGHTS.split(), GREENS.split(), strict=True)}


def ways(request: HttpRequest) -> list[dict[str, Any]]:
    """Return where one may go from the administration: its two lists, and back."""
    del request
    items = [
        {"title": _("用户"), "icon": "person", "link": reverse("admin:auth_user_changelist")},
        {"title": _("角色"), "icon": "badge", "link": reverse("admin:auth_group_changelist")},
        {
            "title": _("回到控制台"),
            "icon": "arrow_back",
            "link": reverse("home"),
            "active": nowhere,
        },
    ]
    return [{"items": items}]


def nowhere(request: HttpRequest) -> bool:
    """Return False: the way back is never where one is, though every address begins like it."""
    del request
    return False


class RoleField(ModelMultipleChoiceField):  # type: ignore[type-arg]
    """The roles by the names that the console gives them."""

    def label_from_instance(self, obj: Any) -> str:
        """Return what the pages call a role."""
        return label("role", obj.name)


class ChangeForm(UserChangeForm):  # type: ignore[misc]
    """A user's form, in the reader's language throughout."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        way = '<a href="../password/" class="text-primary-600 dark:text-primary-500">{}</a>'
        self.fields["password"].help_text = mark_safe(way.format(_("改密码")))


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """Who may sign in, and in which roles. Rights come from roles alone."""

    form = ChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
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
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            help_text=_("权限只来自角色。要管理用户，还须打开上面的工作人员状态。"),
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
