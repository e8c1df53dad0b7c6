"""Where a viewer is: codes of ISO 3166, checked before anything is decided by them."""

import pycountry

from streams.errors import WatchRefused


def country_check(country: str | None, subdivision: str | None = None) -> None:
    """Both codes exist and belong together; None means that it is not known. Raises WatchRefused."""
    if country is not None and (
        country != country.upper() or len(country) != 2 or pycountry.countries.get(alpha_2=country) is None
    ):
        raise WatchRefused(
            f"There is no country with the code {country[:10]!r}. Give two capital letters of ISO 3166-1, such as PT."
        )
    if subdivision is None:
        return
    found = pycountry.subdivisions.get(code=subdivision) if subdivision == subdivision.upper() else None
    if found is None:
        raise WatchRefused(
            f"There is no part of a country with the code {subdivision[:10]!r}. Give one of ISO 3166-2, such as DE-BY."
        )
    if country != found.country_code:
        raise WatchRefused(f"{subdivision} does not lie in {country or 'an unknown country'}.")
