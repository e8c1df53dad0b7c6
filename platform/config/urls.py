"""The back office at `/`. The health check is a middleware: `config.health`."""

from django.urls import URLPattern, URLResolver, path

from core.admin.site import backoffice

handler400 = "config.errors.bad_request"
urlpatterns: list[URLPattern | URLResolver] = [path("", backoffice.urls)]
