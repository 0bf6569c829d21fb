"""Describe a class as a form for a flow editor, and build it from the form's values."""

import json

from interlingua import Parameter, ResourceCategory, register_resource
from interlingua.flow.resources import palette


@register_resource(
    "Greeter",
    name="greeter",
    category=ResourceCategory.EXAMPLE,
    description="Greets people.",
    parameters=[
        Parameter.build_from("Greeting", "greeting", str, optional=True, default="Hello"),
        Parameter.build_from("Name", "name", str),
    ],
)
class Greeter:
    """Greets people."""

    def __init__(self, name: str, greeting: str = "Hello") -> None:
        self.name = name
        self.greeting = greeting

    def greet(self) -> str:
        return f"{self.greeting}, {self.name}!"


resource = palette().lookup("greeter")
print(json.dumps(resource.to_dict(), indent=2))
greeter: Greeter = resource.build({"name": "Ada"})
print(greeter.greet())
