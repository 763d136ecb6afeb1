"""Lazy packages: a name is imported when it is first used, so that `import exportmodels` costs next to nothing."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def attach(
    package: str, names: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a package whose names live in its modules.

    Parameters
    ----------
    package : str
        The package's `__name__`.
    names : mapping of str to sequence of str
        Module (relative to the package) -> the public names it defines; without any, the module itself is public.

    Returns
    -------
    tuple
        The module-level `__getattr__` and `__dir__`, and the sorted list of public names.
    """
    home = {name: module for module, public in names.items() for name in public}
    modules = {module for module, public in names.items() if not public}
    public = sorted([*home, *modules])

    def getattribute(name: str) -> Any:
        if name in home:
            return getattr(import_module(f"{package}.{home[name]}"), name)
        if name in modules:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}; it has: {', '.join(public)}")

    return getattribute, lambda: public, public
