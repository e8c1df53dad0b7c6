"""The back office at `/`. The health check is a middleware: `config.health`."""

from django.urls import URLPattern, URLResolver

handler400 = "config.errors.bad_request"
urlpatterns: list[URLPattern | URLResolver] = []
