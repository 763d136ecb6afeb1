"""Options: one spelling per value, and an error that lists the values."""

from collections.abc import Mapping
from typing import Any, TypeVar

from .errors import OptionError

Value = TypeVar("Value")


def choose(name: str, value: str | None, known: Mapping[Any, Value]) -> Value:
    """Return what an option's value stands for, or raise `OptionError` with the values there are."""
    if value not in known:
        raise OptionError(f"{name} must be one of {', '.join(map(repr, known))}; not {value!r}")
    return known[value]
