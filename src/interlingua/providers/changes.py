"""What is changed in a request, and what is told of it."""

from typing import Any

import msgspec

from interlingua.types import Adaptation, ModelRequest, ToolChoice


class Changes:
    """The changes to a request so far, which itself stays as it is."""

    __slots__ = ("changes", "request", "warnings")

    def __init__(self, request: ModelRequest) -> None:
        self.request = request
        self.changes: dict[str, Any] = {}
        self.warnings: list[Adaptation] = []

    def get(self, name: str) -> Any:
        """Give a field as it is now."""
        return self.changes.get(name, getattr(self.request, name))

    def note(self, kind: Any, feature: str, detail: str) -> None:
        """Tell of a change; the arguments are those of `Adaptation`."""
        self.warnings.append(Adaptation(kind, feature, detail))

    def result(self) -> ModelRequest:
        """Give the request with all changes, or the request itself if there are none."""
        return msgspec.structs.replace(self.request, **self.changes) if self.changes else self.request


def unforced(work: Changes, when: str = "") -> None:
    """Let a model choose whether it calls a tool."""
    choice: ToolChoice | None = work.get("tool_choice")
    if choice is None:
        return
    if choice.mode in ("required", "tool") or (choice.mode == "allowed" and choice.required):
        work.changes["tool_choice"] = ToolChoice(mode="auto")
        cannot = f"{work.request.model} cannot be made to call a tool"
        work.note("dropped", "tool_choice", f"{cannot}{f' {when}' if when else ''}; it may")
