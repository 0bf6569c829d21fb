"""What the package offers is listed, in order, and described."""

import inspect
import types
from typing import Any

import interlingua
from tests.meta.repository import package_modules

PROMISED = {
    "Client",
    "DefaultMessageConverter",
    "Error",
    "LLMClient",
    "MessageConverter",
    "ModelInferenceMetrics",
    "ModelMessage",
    "ModelMetadata",
    "ModelOutput",
    "ModelRequest",
    "ModelRequestContext",
    "OllamaLLMClient",
    "OpenAILLMClient",
    "Parameter",
    "ProxyLLMClient",
    "ResourceCategory",
    "SyncClient",
    "Usage",
    "register_resource",
}
"""The names that users write; they come straight from `interlingua`."""


def exporting_modules() -> list[types.ModuleType]:
    """Give every module that has an `__all__`."""
    return [module for module in package_modules() if hasattr(module, "__all__")]


def is_described(value: Any) -> bool:
    """Tell whether a class or function has a docstring of its own; other values have none."""
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return True
    inherited = [base.__doc__ for base in value.__mro__[1:]] if inspect.isclass(value) else []
    return bool(value.__doc__) and value.__doc__ not in inherited


def test_the_names_that_users_write_come_from_the_package() -> None:
    assert sorted(PROMISED - set(interlingua.__all__)) == []


def test_exports_are_listed_once_and_present() -> None:
    assert [module.__name__ for module in exporting_modules() if len(set(module.__all__)) < len(module.__all__)] == []
    exported = [(module, name) for module in exporting_modules() for name in module.__all__]
    assert [f"{module.__name__}.{name}" for module, name in exported if not hasattr(module, name)] == []
    assert interlingua.__all__ == sorted(interlingua.__all__)


def test_exports_are_described() -> None:
    exported = [(module, name) for module in exporting_modules() for name in module.__all__]
    assert [f"{module.__name__}.{name}" for module, name in exported if not is_described(getattr(module, name))] == []


def test_every_error_comes_from_the_package() -> None:
    shipped = [cls.__name__ for cls in interlingua.errors.error_tree() if cls.__module__ == "interlingua.errors"]
    assert [name for name in shipped if name not in interlingua.__all__] == []
