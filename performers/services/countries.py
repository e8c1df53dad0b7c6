"""Countries by their code."""

import pycountry

from core.errors import Refused


def country_check(country: str, refusal: type[Refused]) -> str:
    """The ISO 3166-1 alpha-2 code in capitals. Raises `refusal` for a country that does not exist."""
    code = country.strip().upper()
    if pycountry.countries.get(alpha_2=code) is None:
        raise refusal(
            f"There is no country with the code {code[:10] or '(empty)'}. Write it as in ISO 3166-1: DE."
        )
    return code
