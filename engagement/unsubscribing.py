"""Where mail programs say that somebody wants no more of a category (RFC 8058): one click, without signing in."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.db.context import acting
from core.db.roles import Role
from core.middleware import as_login_role
from engagement.notification_choices import NotificationChannel, NotificationFrequency
from engagement.notification_errors import PreferenceRefused
from engagement.notifications.unsubscribing import unsubscription_read
from engagement.services.notification_preferences import preference_set

ASK = "Send this form to get no more mail about this."
FORM = (
    '<!doctype html><meta charset="utf-8"><title>No more mail</title><form method="post"><p>{}</p>'
    "<button>No more mail about this</button></form>"
)


@csrf_exempt
@as_login_role
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Mute a category by mail. GET asks and changes nothing: programs that look at links do not unsubscribe anybody.

    404: the token is forged, broken or older than 90 days. 200: done, or done before.
    """
    asked = unsubscription_read(token)
    if asked is None:
        return HttpResponse("This link is not valid any more.", status=404, content_type="text/plain")
    if request.method == "GET":
        return HttpResponse(FORM.format(ASK))
    try:
        with acting(Role.VIEWER, user_id=asked.user_id):
            preference_set(
                user_id=asked.user_id,
                category=asked.category,
                channel=NotificationChannel.EMAIL,
                frequency=NotificationFrequency.OFF,
                actor=None,
            )
    except PreferenceRefused as refusal:
        return HttpResponse(str(refusal), status=404, content_type="text/plain")
    return HttpResponse("You get no more mail about this.", content_type="text/plain")
