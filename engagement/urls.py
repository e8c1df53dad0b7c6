"""Addresses of engagement that are not of the back office."""

from django.urls import URLPattern, path

from engagement.unsubscribing import unsubscribe

urlpatterns: list[URLPattern] = [
    path("notifications/unsubscribe/<str:token>", unsubscribe, name="unsubscribe")
]
