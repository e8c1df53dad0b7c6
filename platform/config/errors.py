"""Pages for requests that reach no view."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400: says what was too large, and nothing about why anything else was refused."""
    title, words, status = "This request cannot be understood", "Go back, reload the page and try again.", 400
    if isinstance(exception, RequestDataTooBig):
        megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_000_000
        title, status = "This form is too large", 413
        words = f"A form may hold {megabytes:g} MB. Nothing was saved: go back and shorten what you entered."
    elif isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        title, status = "This form has too many fields", 413
        words = "Nothing was saved: go back and choose fewer rows at once."
    return render(request, "refused.html", {"title": title, "words": words}, status=status)
