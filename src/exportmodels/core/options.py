"""Options: one spelling per value, one type per option, and an error that says which there are."""

import inspect
import reprlib
from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass
from functools import cache, wraps
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

import numpy as np

from .errors import OptionError
from .frames import listed

Value = TypeVar("Value")
P = ParamSpec("P")
R = TypeVar("R")
Kind = TypeVar("Kind", bound=type)

# Whole numbers that neither an array nor a float can hold.
_TOO_LARGE = 2**63
_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "True or False", NoneType: "None"}


def choose(name: str, value: str | None, known: Mapping[Any, Value]) -> Value:
    """Return what an option's value stands for, or raise `OptionError` with the values there are."""
    if not isinstance(value, str | NoneType) or value not in known:
        raise OptionError(f"{name} must be one of {', '.join(map(repr, known))}; not {shown(value)}")
    return known[value]


def at_least(name: str, value: int, least: int) -> int:
    """Return a whole number, or raise `OptionError` where it is too small (a seed below zero) or none at all."""
    if not _fits(value, int) or value < least:
        raise OptionError(f"{name} must be a whole number of at least {least}; not {shown(value)}")
    return int(value)


def within(name: str, value: int, least: int, most: int) -> int:
    """Return a whole number, or raise `OptionError` where it lies outside a range."""
    if not least <= value <= most:
        raise OptionError(f"{name} must be a whole number from {least} to {most}, not {value!r}")
    return int(value)


def upper_end(alpha: float) -> float:
    """Return the probability below the upper limit of a two-sided interval of level 1 - alpha."""
    if not _fits(alpha, float) or not 0 < alpha < 1 or 1 - alpha / 2 == 1:
        raise OptionError(f"alpha must lie between 0 and 1, such as 0.05 for intervals of 95%; not {shown(alpha)}")
    return 1 - alpha / 2


def shown(value: Any) -> str:
    """Return any value on one line of a message, cut where it is long."""
    return " ".join(reprlib.repr(value).split())


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Have a function refuse, before it runs, options that it does not have, lacks, or annotates with other types."""

    @wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> R:
        rules = _Rules.of(function)
        rules.refuse_names(options)
        rules.refuse_types({**dict(zip(rules.names, args, strict=False)), **options})
        return function(*args, **options)

    return call


def checked_methods(cls: Kind) -> Kind:
    """Have the constructor and the public methods of a class refuse arguments of other types; see `checked`."""
    for name, method in list(vars(cls).items()):
        if inspect.isfunction(method) and (not name.startswith("_") or name == "__init__"):
            setattr(cls, name, checked(method))
    return cls


@dataclass(frozen=True)
class _Rules:
    """What is known of a function's options, read once from its signature.

    Parameters
    ----------
    function : str
        Its name in messages.
    names : tuple of str
        Its parameters in their order.
    known, needed : tuple of str
        Those that are given by name, and those of them that have no default.
    open : bool
        Whether it takes others too.
    hints, defaults : mapping
        The annotated types that are judged, and the defaults, which are not.
    """

    function: str
    names: tuple[str, ...]
    known: tuple[str, ...]
    needed: tuple[str, ...]
    open: bool
    hints: Mapping[str, Any]
    defaults: Mapping[str, Any]

    @classmethod
    @cache
    def of(cls, function: Callable[..., Any]) -> "_Rules":
        """Read a signature."""
        parameters = inspect.signature(function).parameters
        known = tuple(name for name, one in parameters.items() if one.kind is one.KEYWORD_ONLY)
        return cls(
            function.__qualname__.removesuffix(".__init__"),
            tuple(parameters),
            known,
            tuple(name for name in known if parameters[name].default is inspect.Parameter.empty),
            any(one.kind is one.VAR_KEYWORD for one in parameters.values()),
            {name: one.annotation for name, one in parameters.items() if _judged(one.annotation)},
            {name: one.default for name, one in parameters.items()},
        )

    def refuse_names(self, options: Mapping[str, Any]) -> None:
        """Raise `OptionError` for an option that is not there, or that is needed and not given."""
        if not self.open:
            strange = [name for name in options if name not in self.defaults]
            if strange:
                others = f"; there are: {listed(self.known, 20)}" if self.known else ""
                raise OptionError(f"there is no option {strange[0]!r}{others}")
        for name in self.needed:
            if options.get(name) is None:
                raise OptionError(f"{self.function} needs {name}=; give it")

    def refuse_types(self, given: Mapping[str, Any]) -> None:
        """Raise `OptionError` for a value of another type than the annotated one."""
        for name, hint in self.hints.items():
            value = given.get(name, self.defaults[name])
            if value is not self.defaults[name] and not _fits(value, hint):
                raise OptionError(f"{name} must be {_said(hint)}; not {shown(value)}")


def _judged(hint: Any) -> bool:
    """Return whether an annotation says what a value may be."""
    return hint not in (Any, inspect.Parameter.empty) and not isinstance(hint, TypeVar)


def _fits(value: Any, hint: Any) -> bool:
    """Return whether a value has an annotated type; types beyond those of options are not judged."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if hint in (None, NoneType):
        return value is None
    if hint is bool:
        return isinstance(value, bool | np.bool_)
    if hint in (int, float):
        number = isinstance(value, Integral if hint is int else Real) and not isinstance(value, bool | np.bool_)
        return number and not (isinstance(value, Integral) and abs(int(value)) >= _TOO_LARGE)
    if isinstance(hint, str):  # a class that is not there yet
        return not hint.isidentifier() or hint in (base.__name__ for base in type(value).__mro__)
    if origin is None and isinstance(hint, type) and hint is not Any:
        return isinstance(value, hint)
    if origin is Callable:
        return callable(value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            _fits(key, inner[0]) and _fits(one, inner[1]) for key, one in value.items()
        )
    if isinstance(origin, type) and issubclass(origin, Collection):
        return _is_list(value) and all(_fits(one, inner[0]) for one in value)
    return True


def _is_list(value: Any) -> bool:
    """Return whether a value is a list, or what may stand for one: a tuple, an array or a column of one dimension."""
    flat = getattr(value, "ndim", 1) == 1
    return flat and isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping | Set)


def _said(hint: Any) -> str:
    """Return an annotated type in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(_said(one) for one in inner)
    if origin is Literal:
        return f"one of {', '.join(map(repr, inner))}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "a mapping" if inner[1] is Any else f"a mapping, each value of it {_said(inner[1])}"
    if origin is Callable:
        return "a function"
    if origin is not None:
        return f"a list, each of it {_said(inner[0])}"
    return _WORDS.get(NoneType if hint is None else hint, getattr(hint, "__name__", str(hint)))
