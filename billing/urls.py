"""Addresses of billing that are not of the back office."""

from django.urls import URLPattern, path

from billing.webhooks import provider_message

urlpatterns: list[URLPattern] = [path("webhooks/<slug:code>", provider_message, name="provider_message")]
