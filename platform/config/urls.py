"""The back office at `/`, messages of providers at `/webhooks/`. The health check is a middleware: `config.health`."""

from django.urls import URLPattern, URLResolver, include, path

from core.admin.site import backoffice

handler400 = "config.errors.bad_request"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("billing.urls")),
    path("", include("engagement.urls")),
    path("", backoffice.urls),
]
