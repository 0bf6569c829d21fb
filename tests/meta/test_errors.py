"""The error tree is one tree, and its drawing is true."""

import inspect

from interlingua import errors
from tests.meta.repository import package_modules

BRANCH_WIDTH = 4
SIGNALS = {
    "StaleConnection": "the transport catches it and takes another connection",
    "Declined": "a route catches it and asks its next target",
    "NoSuchFault": "the fault wall catches it and answers 404",
}
"""Exceptions that never leave the package, with what becomes of them."""


def drawn_parents() -> dict[str, str]:
    """Read each error's parent from the drawing in the module's docstring."""
    parents: dict[str, str] = {}
    above = ["Error"]
    for line in (errors.__doc__ or "").splitlines():
        if "── " in line:
            branch, _, rest = line.partition("── ")
            depth = (len(branch) - 1) // BRANCH_WIDTH
            name = rest.split()[0]
            above[depth:] = [above[depth - 1], name] if depth == 0 else [name]
            parents[name] = above[depth - 1]
    return parents


def test_the_drawing_shows_every_error_below_its_parent() -> None:
    shipped = [cls for cls in errors.error_tree() if cls.__module__.startswith("interlingua.")]
    assert drawn_parents() == {cls.__name__: cls.__mro__[1].__name__ for cls in shipped if cls is not errors.Error}


def test_every_exception_of_the_package_is_below_error() -> None:
    strangers: list[str] = []
    for module in package_modules():
        for name, cls in inspect.getmembers(module, inspect.isclass):
            ours = cls.__module__ == module.__name__ and issubclass(cls, BaseException)
            if ours and not name.startswith("_") and name not in SIGNALS and not issubclass(cls, errors.Error):
                strangers.append(f"{module.__name__}.{name}")
    assert strangers == []


def test_every_error_says_what_happened_in_one_sentence() -> None:
    undescribed = [
        cls.__name__ for cls in errors.error_tree() if not (cls.__doc__ or "").partition("\n")[0].endswith(".")
    ]
    assert undescribed == []


def test_every_error_has_a_kind_of_its_own() -> None:
    kinds = [cls.kind for cls in errors.error_tree() if cls.__module__.startswith("interlingua.")]
    assert sorted(kinds) == sorted(set(kinds))
