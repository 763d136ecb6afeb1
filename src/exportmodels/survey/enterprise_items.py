"""The items of the World Bank Enterprise Surveys that the firms table takes, and what they become.

One vocabulary serves every country and year, but not every file has every item, and a few go by another name in
files that stack several countries.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One variable of the file and the column of the firms table that it becomes.

    Parameters
    ----------
    name : str
        The variable, in lower case (files differ in the case of their names).
    column : str
        The column it becomes.
    kind : {"year", "number", "percent", "flag", "levels", "category", "ordered", "weight"}
        How its codes are read; see `exportmodels.survey.enterprise_clean.values`.
    meaning : str
        The column in words.
    needed : bool
        Without it the file cannot be used.
    aliases : tuple of str
        Other names of the same variable, tried in this order.
    levels : tuple of str
        For `kind="levels"`: the names of the codes 1, 2, ..., lowest first.
    """

    name: str
    column: str
    kind: str
    meaning: str
    needed: bool = False
    aliases: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()


MAIN_MARKETS = ("local", "national", "international")

ITEMS = (
    Item("country", "country", "category", "Country", aliases=("a1",)),
    Item("a4a", "sector", "category", "Industry of the sampling frame"),
    Item("a2", "region", "category", "Region of the sampling frame"),
    Item("a6a", "sampling_size", "ordered", "Size class of the sampling frame"),
    Item("strata", "stratum", "category", "Sampling stratum", aliases=("strata_all",)),
    Item("b5", "founded", "year", "Year the establishment began operations", needed=True),
    Item("d8", "first_export", "year", "Year of the first direct or indirect export", needed=True),
    Item("d3a", "share_national", "percent", "National sales as a share of sales"),
    Item("d3b", "share_indirect", "percent", "Indirect exports as a share of sales", needed=True),
    Item("d3c", "share_direct", "percent", "Direct exports as a share of sales", needed=True),
    Item("d31x", "main_destination", "category", "Main destination of exports"),
    Item("d12b", "import_share", "percent", "Inputs of foreign origin as a share of material inputs"),
    Item("e1", "main_market", "levels", "Main market of the main product", levels=MAIN_MARKETS),
    Item("l1", "employees", "number", "Permanent full-time employees at the end of the last fiscal year"),
    Item("b6", "employees_at_start", "number", "Full-time employees when operations started"),
    Item("a7", "part_of_group", "flag", "Part of a firm with several establishments"),
    Item("b1", "legal_status", "category", "Legal status"),
    Item("b2b", "foreign_ownership", "percent", "Share owned by foreign individuals or organizations"),
    Item("b4", "female_owner", "flag", "A woman among the owners"),
    Item("b7", "manager_experience", "number", "Years of experience of the top manager in the sector"),
    Item("b7a", "manager_female", "flag", "The top manager is a woman"),
    Item("b8", "certificate", "flag", "Internationally recognized quality certificate"),
    Item("c22b", "website", "flag", "Has a website of its own"),
    Item("e6", "foreign_technology", "flag", "Uses technology licensed from a foreign-owned company"),
    Item("h1", "new_product", "flag", "New product or service in the last three years"),
    Item("h2", "new_to_market", "flag", "That product was new to the main market (asked of innovators)"),
    Item("h5", "new_process", "flag", "New or improved process in the last three years"),
    Item("h8", "rd_any", "flag", "Spent on research and development in the last fiscal year"),
)

IDENTIFIERS = ("idstd", "id")
WEIGHTS = ("wmedian", "wstrict", "wweak", "wt", "wt_rs")  # the first three differ in who counts as eligible

DERIVED = {
    "importer": "Uses inputs of foreign origin",
    "foreign_owned": "At least a tenth in foreign hands",
    "novel": "New product that was new to the main market (not the report's niche)",
}

CANNOT_ANSWER = (
    "Spread: the survey does not ask to how many countries or regions a firm exports, so market counts "
    "cannot be modelled.",
    "Start trigger: the survey does not ask why, or on whose initiative, a firm began to export.",
    "Niche or mass: the survey has no scale from mass to niche product. The column novel (a new product that was "
    "new to the main market) measures innovation; it is not the report's niche.",
    "Other activities abroad: subsidiaries, licences given, joint ventures and the year of the first import are "
    "not asked.",
    "First destination and sales outside the home region: exports are asked as percentages of sales, for all "
    "destinations together.",
)
EXPORTERS_ONLY = (
    "Firms that stopped exporting: in this file no firm without present exports tells the year of its first export "
    "(d8), so a firm that exported once and stopped counts as one that never did."
)
DIRECT_ONLY = (
    "Time to the first direct export: the year of the first export (d8) covers indirect exports too, and so do the "
    "columns on timing, although share and exporter count direct exports only."
)
