"""The palette: which resources a flow may hold, with labels, groups and forms.

>>> from interlingua.flow.resources import palette
>>> palette().lookup("openai_llm_client").to_dict("zh_CN")["label"]
'OpenAI LLM 客户端'
"""

import importlib

from interlingua.flow.resources.category import ResourceCategory
from interlingua.flow.resources.parameter import Parameter
from interlingua.flow.resources.registry import RESOURCES, ResourceMetadata, ResourceRegistry, register_resource
from interlingua.flow.resources.text import Text, languages

__all__ = [
    "Parameter",
    "ResourceCategory",
    "ResourceMetadata",
    "ResourceRegistry",
    "Text",
    "languages",
    "palette",
    "register_resource",
]


def palette() -> ResourceRegistry:
    """Give the registry with everything that interlingua itself registers in it."""
    importlib.import_module("interlingua.flow.resources.clients")  # registering is its effect
    return RESOURCES
