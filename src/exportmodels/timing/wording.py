"""How findings name the event: the column's name where it reads as a word, else in brackets."""


def named(event: str) -> str:
    """Return the event's name in brackets, nothing where it has none of its own."""
    return "" if event == "event" else f" ({event})"


def happened(event: str) -> str:
    """Return what became of a share of firms: `exported`, or `with the event (e)` where the name is an abbreviation."""
    return event if event != "event" and len(event) > 2 else f"with the event{named(event)}"
