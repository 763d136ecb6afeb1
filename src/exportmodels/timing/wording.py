"""How findings name the event: the column's name where it reads as a word, else in brackets."""


def named(event: str) -> str:
    """Return the event's name in brackets, nothing where it has none of its own."""
    return "" if event == "event" else f" ({event})"


def happened(event: str) -> str:
    """Return what became of a share of firms: `exported`, or `with the event (e)` where the name is an abbreviation."""
    return event if event != "event" and len(event) > 2 else f"with the event{named(event)}"


def within(event: str, years: float) -> str:
    """Return what the share of firms with the event within some years is called."""
    return f"share {happened(event)} within {years:g} year{'s' if years != 1 else ''}"


def until(event: str, p: float) -> str:
    """Return what the time by which a share p has the event is called."""
    return ("median years until the event" if p == 0.5 else f"years until {100 * p:g} % have the event") + named(event)
