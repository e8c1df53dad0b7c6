"""Countries and their parts, as ISO 3166 names them."""

import pycountry

from performers.errors import UnknownRegion


def region_check(country: str, subdivision: str | None = None) -> None:
    """Raise UnknownRegion unless ISO 3166-1 has the country, and ISO 3166-2 the subdivision in it."""
    if pycountry.countries.get(alpha_2=country) is None or country != country.upper():
        raise UnknownRegion(
            f"{country[:20]!r} is no country of ISO 3166-1. Write two capital letters, such as PT."
        )
    if subdivision is None:
        return
    found = pycountry.subdivisions.get(code=subdivision) if subdivision == subdivision.upper() else None
    if found is None:
        raise UnknownRegion(
            f"{subdivision[:20]!r} is no subdivision of ISO 3166-2. Write a code such as DE-BY."
        )
    if found.country_code != country:
        raise UnknownRegion(f"{subdivision} does not lie in {country}.")
