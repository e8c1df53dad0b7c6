"""Countries, as ISO 3166-1 names them."""

import pycountry

from core.errors import Refused


def country_check(country: str, refusal: type[Refused]) -> None:
    """Raise `refusal` unless there is a country with this code of two capital letters."""
    if len(country) != 2 or country != country.upper() or pycountry.countries.get(alpha_2=country) is None:
        raise refusal(
            f"There is no country with the code {country[:10]!r}. Give two capital letters of ISO 3166-1, such as PT."
        )
