"""Where each page of the console is."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from forbear.console.views import (
    calculators,
    call,
    compliance,
    duties,
    law,
    outbox,
    people,
    products,
    second_step,
    sign_in,
    templates,
    tonight,
    work,
)

urlpatterns = [
    path("", sign_in.home, name="home"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("second-step/", second_step.check, name="second_step"),
    path("second-step/set-up/", second_step.set_up, name="second_step.set_up"),
    path("second-step/end/", second_step.end, name="second_step.end"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("language/", set_language, name="language"),
    path("theme/", sign_in.theme, name="theme"),
    path("tonight/", tonight.tonight, name="tonight"),
    path("tonight/plan/", tonight.plan, name="tonight.plan"),
    path("tonight/accounts/", tonight.accounts, name="tonight.accounts"),
    path("work/", work.work, name="work"),
    path("people/", people.people, name="people"),
    path("people/<int:person_id>/", people.person, name="people.one"),
    path("people/<int:person_id>/may/", people.may, name="people.may"),
    path("people/<int:person_id>/reveal/", people.reveal, name="people.reveal"),
    path("people/<int:person_id>/contact/<str:channel>/", call.contact, name="people.contact"),
    path("people/<int:person_id>/outcome/", call.outcome, name="people.outcome"),
    path("people/<int:person_id>/promise/", call.promise, name="people.promise"),
    path("people/<int:person_id>/stop/", call.stop, name="people.stop"),
    path("calls/<uuid:contact_id>/take-back/", call.take_back, name="people.take_back"),
    path("duties/", duties.duties, name="duties"),
    path("duties/record/", duties.record, name="duties.record"),
    path("duties/<int:duty_id>/", duties.duty, name="duties.one"),
    path("duties/<int:duty_id>/settle/", duties.settle, name="duties.settle"),
    path("law/", law.law, name="law"),
    path("law/<str:rule>/", law.rule, name="law.rule"),
    path("compliance/", compliance.compliance, name="compliance"),
    path("templates/", templates.templates, name="templates"),
    path("templates/new/", templates.new, name="templates.new"),
    path("templates/<int:template_id>/", templates.template, name="templates.one"),
    path("products/", products.products, name="products"),
    path("products/<slug:name>/", products.product, name="products.one"),
    path("products/<slug:name>/cost-table/", products.cost_table, name="products.cost_table"),
    path("calculators/", calculators.calculators, name="calculators"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<uuid:contact_id>/", outbox.contact, name="outbox.contact"),
    path("outbox/<uuid:contact_id>/resolve/", outbox.resolve, name="outbox.resolve"),
]
