"""The tools and texts of a made-up coding agent, as many and as long as real ones are."""

from typing import Any, Final

_RULES: Final = (
    "Say what you are about to change before you change it. ",
    "Read a file before you edit it, and read the tests that stand beside it. ",
    "Prefer the smallest change that makes the failing test pass, and run the tests again afterwards. ",
    "A path is absolute unless it is said to be below the project's folder. ",
    "When a command takes longer than two minutes, run it in the background and look at its output later. ",
    "Never write secrets into a file; ask for them where they are needed. ",
)


def long_text(subject: str, sentences: int) -> str:
    """Write instructions about a subject, of that many sentences."""
    return f"{subject}: " + "".join(_RULES[number % len(_RULES)] for number in range(sentences)).strip()


def _object(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


_NUMBER: Final = {"type": "number", "description": "How long to wait, in milliseconds", "exclusiveMinimum": 0}
_STEP: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "step": _object(
            ["content", "status"],
            content=_text("What is to be done", minLength=1),
            status={"enum": ["pending", "in_progress", "completed"]},
            below={"type": "array", "items": {"$ref": "#/$defs/step"}},
        )
    },
    **_object(["steps"], steps={"type": "array", "items": {"$ref": "#/$defs/step"}, "maxItems": 20}),
}
_QUESTION: Final = _object(
    ["questions"],
    questions={
        "type": "array",
        "minItems": 1,
        "maxItems": 4,
        "items": _object(
            ["question", "options"],
            question=_text("What to ask"),
            options={"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}},
            several={"type": "boolean", "default": False},
        ),
    },
)
_PATH: Final = _text("An absolute path")

_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "run_command": _object(["command"], command=_text("What to run"), timeout=_NUMBER, background={"type": "boolean"}),
    "read_file": _object(["path"], path=_PATH, offset={"type": "integer", "minimum": 0}, limit={"type": "integer"}),
    "write_file": _object(["path", "content"], path=_PATH, content=_text("The whole of it")),
    "edit_file": _object(
        ["path", "old", "new"], path=_PATH, old=_text("Before"), new=_text("After"), all={"type": "boolean"}
    ),
    "find_files": _object(["pattern"], pattern=_text("A shell pattern"), path=_PATH),
    "search_text": _object(
        ["pattern"],
        pattern=_text("A regular expression", pattern="^.+$"),
        mode={"type": "string", "enum": ["content", "files", "count"]},
        **{"-A": {"type": "number"}, "-i": {"type": "boolean"}},
    ),
    "list_folder": _object(["path"], path=_PATH, ignore={"type": "array", "items": {"type": "string"}}),
    "fetch_page": _object(["url", "prompt"], url=_text("Where", format="uri"), prompt=_text("What to look for")),
    "search_web": _object(["query"], query=_text("What", minLength=2), allowed={"type": "array", "items": {}}),
    "plan_steps": _STEP,
    "ask_user": _QUESTION,
    "start_helper": _object(["prompt"], prompt=_text("Its task"), model={"type": "string", "enum": ["small", "big"]}),
    "helper_output": _object(["id"], id=_text("Which"), block={"type": "boolean"}, timeout=_NUMBER),
    "stop_helper": _object(["id"], id=_text("Which")),
    "edit_notebook": _object(
        ["path", "source"], path=_PATH, source=_text("The cell"), kind={"type": "string", "enum": ["code", "markdown"]}
    ),
    "leave_plan": {"type": "object", "properties": {}},
    "use_skill": _object(["skill"], skill=_text("Its name"), arguments=_text("For it")),
    "remember": _object(["fact"], fact=_text("What to keep"), scope={"const": "project"}),
    "open_browser": _object(
        ["url"], url=_text("Where"), size={"type": ["object", "null"], "additionalProperties": True}
    ),
    "take_screenshot": _object([], full={"type": "boolean", "description": "Beyond what is seen"}),
    "list_issues": _object(["repository"], repository=_text("owner/name"), labels={"type": "object"}),
    "create_issue": _object(["repository", "title"], repository=_text("owner/name"), title=_text("Its title")),
    "query_database": _object(["statement"], statement=_text("SQL"), limit={"type": "integer", "maximum": 1000}),
    "draw_diagram": _object(["source"], source=_text("In Mermaid"), theme={"oneOf": [{"const": 1}, {"const": "dark"}]}),
}

TOOLS: Final = [
    (name, long_text(name, 3 + 5 * (number % 4)), schema) for number, (name, schema) in enumerate(_SCHEMAS.items())
]
"""Name, description and JSON Schema of each tool."""

SYSTEM: Final = long_text("You are a coding agent that works in a terminal", 120)
CONTEXT: Final = long_text("<context>The project is a build tool, its folder /srv/build", 20) + "</context>"
QUESTION: Final = "Why does the build of `räder` fail? 🛞"
REMINDER: Final = long_text("<reminder>The list of steps is empty", 4) + "</reminder>"
SETTLED: Final = "It looks for `gears.toml`, which is gone."

READ: Final = ("read_file", '{"path":"/srv/build/räder.py","limit":40}')
RUN: Final = ("run_command", '{"command":"make räder && echo \\"done\\"","timeout":120000}')
SOURCE: Final = 'def build():\n\treturn open("gears.toml")  # räder\n'
FAILURE: Final = "make: *** [räder] Error 1\nFileNotFoundError: gears.toml"
PNG: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
