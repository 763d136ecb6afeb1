"""What the page says in words: headings, leads, methods."""

from ..data import yardstick
from .sources import Source

TITLES = {
    "summary": "At a glance",
    "data": "The data",
    "contrasts": "Exact tests",
    "firms": "The firms",
    "timing": "When: years until the first export",
    "share": "How much: the share of sales abroad",
    "spread": "How widely: export countries and regions",
    "strategy": "By which route: strategy",
    "across": "Across the questions",
    "methods": "Methods and versions",
}

SHORT = {
    "summary": "At a glance",
    "data": "Data",
    "contrasts": "Exact tests",
    "firms": "Firms",
    "timing": "When",
    "share": "How much",
    "spread": "How widely",
    "strategy": "By which route",
    "across": "Across",
    "methods": "Methods",
}
"""The same for the table of contents."""

LEADS = {
    "firms": "Who answered, group beside group.",
    "timing": (
        "The outcome is the time from founding to the first export, in years. Firms that have not exported are not "
        "left out: the models count the years in which they were seen without exporting."
    ),
    "share": "The outcome is the share of sales that firms make abroad.",
    "spread": "The outcome is the number of countries that firms export to; exporters have at least one.",
    "strategy": "Choices: yes or no for each firm. The models give probabilities.",
    "across": (
        "One model of each question, side by side. The coefficients are on the scale of each model and cannot be "
        "compared in size across columns, in sign they can; the findings say each in its own units."
    ),
}

BRACKETS = (
    "The questionnaire asks for it in brackets (up to 10%, 10-25%, 26-50%, 51-75%, above 75%): a bracket is a share "
    "known up to its limits, and nothing is put in its middle."
)
EXACT_SHARES = (
    "The survey asks for percentages of sales, so shares are exact, and many are round. The fractional models "
    "describe the mean share; they need no assumption about its distribution."
)
TWO_MEANS = (
    "The published means are of firms that have exported. The models also count the firms that have not, up to the "
    "stated number of years; the two need not agree, even in the same sample."
)


def lead(question: str, source: Source) -> list[str]:
    """Return the paragraphs that open the section of a question."""
    said = [LEADS[question]] if question in LEADS else []
    if question == "share":
        said.append(EXACT_SHARES if source.enterprise else BRACKETS)
    if source.grouping.compares:
        said += [*_published(question), *([TWO_MEANS] if question == "timing" else [])]
    return said


def _published(question: str) -> list[str]:
    """Say what the 2009 report published of a question."""
    found = {
        "timing": ("years_to_export", "mean", "", "began to export after {} years on average"),
        "share": ("foreign_share", "percent", ">50%", "made more than half of their sales abroad: {}%"),
        "spread": ("countries", "mean", "", "exported to {} countries on average"),
        "strategy": ("start_trigger", "percent", "prospection", "began by looking for customers abroad: {}%"),
    }.get(question)
    if found is None:
        return []
    outcome, statistic, category, words = found
    niche, mass = (yardstick(outcome, group, statistic, category) for group in ("niche", "mass"))
    if niche is None or mass is None:
        return []
    about = "about " if "about" in niche.note else ""
    return [
        f"The 2009 report: niche firms {words.format(f'{about}{niche.value:g}')}; "
        f"mass firms, {'about ' if 'about' in mass.note else ''}{mass.value:g}"
        f"{'%' if statistic == 'percent' else ''} (figure {niche.figure})."
    ]


CLASS_TITLES = {
    "firms": "Types, motives and growth drivers",
    "32": "Growth drivers of niche and mass firms: the published counts",
    "33": "Growth drivers and R&D: the published counts",
}
CLASS_LEADS = {
    "firms": (
        "Types by whether firms source and sell abroad (figure 6 of the 2009 report); motives as proactive or "
        "reactive, internal or external to the firm (section 2.1); growth drivers from the main reason for the "
        "increase that firms expect. p is of each question as a whole (Fisher-Freeman-Halton, exact); classes that no "
        "firm is in are left out."
    ),
    "32": "The firms behind figure 32, by what they expect to grow by.",
    "33": (
        "Figure 33 prints three shares. Its other cells follow from the reasons of all firms (figure 14) and from the "
        "number of firms with high R&D (2% of turnover or more) and with low."
    ),
}
"""Of the tables of types, motives and drivers: of the firms, and of the published counts by figure."""


METHODS = [
    (
        "Shares and means",
        "Shares of firms have Wilson's 95% interval, means Student's. With sampling weights both are weighted, and the "
        "interval rests on the effective number of firms, (sum of weights)² / sum of squared weights; strata and "
        "finite populations are not used.",
    ),
    (
        "Exact tests",
        "Each 2 x 2 table is tested by Fisher's exact test and by the mid-p test. The odds ratio is the conditional "
        "maximum-likelihood estimate; its interval inverts the test. P-values are adjusted over all rows of the table: "
        "Holm bounds the chance of any false rejection, under any dependence; Benjamini-Hochberg (BH) the expected "
        "share of false ones among the rejections, under independence or positive dependence. Rows of one question are "
        "not independent of each other.",
    ),
    (
        "Models",
        "All estimates are maximum likelihood (Firth's penalized likelihood where the table says so, partial "
        "likelihood for Cox). Every maximum carries a certificate: the distance to it in standard errors, and whether "
        "the information is positive definite. With sampling weights the covariance is the sandwich of the weighted "
        "scores.",
    ),
    (
        "Findings",
        "Every firm that a model used is put into each group in turn, its other covariates as they are, and the "
        "predictions are averaged. Intervals are by the delta method, on a scale on which the quantity has no bounds.",
    ),
    (
        "What it cannot say",
        "These are associations. Firms were not assigned to groups; size and R&D are as of the survey, after the first "
        "export of most exporters. Firms that closed before the survey are not in it.",
    ),
]
