"""The administration of users and their roles, and of nothing else."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability
from forbear.console.labels import label
from forbear.console.reader import reader_of
from forbear.store.models import Membership

admin.site.site_header = admin.site.site_title = "Forbear"
admin.site.index_title = _("用户与角色")


def may_enter(request: HttpRequest) -> bool:
    """Return whether a request is of somebody who manages users: by role, never by agency."""
    user: Any = request.user
    return user.is_active and user.is_staff and Ability.manage_users in reader_of(request).abilities


admin.site.has_permission = may_enter  # type: ignore[method-assign]
admin.site.unregister(User)
admin.site.unregister(Group)
apps.get_app_config("auth").verbose_name = _("用户与角色")
Group._meta.verbose_name = Group._meta.verbose_name_plural = _("角色")


class RoleField(ModelMultipleChoiceField):  # type: ignore[type-arg]
    """The roles by the names that the console gives them."""

    def label_from_instance(self, obj: Any) -> str:
        """Return what the pages call a role."""
        return label("role", obj.name)


class Employer(admin.TabularInline):  # type: ignore[type-arg]
    """Which agency a user works for. It is said once: nobody changes sides."""

    model = Membership
    fields = ("agency",)
    extra = 1
    verbose_name_plural = _("所属机构（空着就是本机构的人；定了不能改）")

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        """Refuse: whoever changes sides gets a new user."""
        del request, obj
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """Refuse: without it the user would see the whole book."""
        del request, obj
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Who may sign in, and in which roles. Rights come from roles alone."""

    list_display = ("username", "first_name", "is_active", "last_login")
    inlines = (Employer,)
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep a user's name: audit rows name them by it."""
        del request
        return ("username",) if obj else ()

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        """Write who said where a user works."""
        del form, change
        for row in formset.save(commit=False):
            row.actor = reader_of(request).actor
            row.save()
            record_row(connected(), Kind.membership, row)

    def user_change_password(self, *asked: Any, **named: Any) -> HttpResponse:
        """Change a password and write that it was changed: both, or neither."""
        with transaction.atomic():
            return super().user_change_password(*asked, **named)

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
