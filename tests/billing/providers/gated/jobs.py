"""In the workers that tests start, an answer waits at a gate, and is taken down in the table `effect`."""

from django.db import connection

from billing.models import ProviderCall
from billing.provider_choices import CallSubject, ProviderKind
from billing.providers import settlement
from billing.providers.port import AuthoriseCall, ProviderAnswer
from billing.providers.registry import register_adapter
from billing.providers.simulator import Simulator
from core.db.context import acting
from core.db.roles import Role
from tests.billing.providers.gated import GATE
from tests.core.jobs.jobs import write


class Gated(Simulator):
    """Charges, and is then slow to say so."""

    def authorise(self, call: AuthoriseCall) -> ProviderAnswer:
        answer = super().authorise(call)
        with acting(Role.WORKER), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [GATE])
        return answer


def taken_down(*, call: ProviderCall, answer: ProviderAnswer) -> None:
    write(f"{answer.outcome} {call.subject_id}")


register_adapter(ProviderKind.SIMULATOR, Gated)
settlement._subjects[CallSubject.PAYMENT_ATTEMPT] = settlement.Subject(taken_down, lambda _: "sim_silent")
