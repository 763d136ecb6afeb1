"""The countries that the report names as export destinations, with their regions in the questionnaire."""

_NAMED = {
    "neighbours": "Netherlands|France|Germany|United Kingdom|Luxembourg",
    "eu15": "Italy|Spain|Austria|Portugal",
    "rest_europe": "Romania|Russia|Switzerland|Hungary|Poland",
    "north_america": "United States|Canada|Dominican Republic|Haiti",
    "south_america": "Brazil",
    "middle_east": "Kuwait|Syria|United Arab Emirates",
    "asia_pacific": "India|Japan|Vietnam|Australia|Thailand",
    "africa": "Zimbabwe|Congo|Egypt",
}

REGIONS = tuple(_NAMED)
"""The export and import regions, in the order of the questionnaire."""

REGION_OF = {place: region for region, places in _NAMED.items() for place in places.split("|")}
"""Country -> region; the Caribbean counts as North America."""

OUTSIDE_EUROPE = tuple(place for place, region in REGION_OF.items() if region in REGIONS[3:])
OUTSIDE_EU = (*OUTSIDE_EUROPE, "Russia", "Switzerland")
