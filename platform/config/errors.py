"""Pages for requests that reach no view."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400: says what was too large, and nothing about why anything else was refused.

    The page is rendered without the request, so it asks neither session nor database.
    """
    if isinstance(exception, RequestDataTooBig):
        megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_000_000
        words = f"A form may hold {megabytes:g} MB. Nothing was saved: go back and shorten what you entered."
        return HttpResponse(render_to_string("413.html", {"words": words}), status=413)
    if isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        words = "It has too many fields. Nothing was saved: go back and choose fewer rows at once."
        return HttpResponse(render_to_string("413.html", {"words": words}), status=413)
    return HttpResponse(render_to_string("400.html"), status=400)
