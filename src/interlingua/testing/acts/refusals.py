"""Answers that refuse, in the words of each wire, and those that point elsewhere (F18 to F21)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final, TypeAlias

import msgspec

from interlingua.testing.fault import Act, Fault, Schedule, Verdict
from interlingua.testing.reply import Reply, json_reply
from interlingua.testing.scene import Scene

FOLLOWED: Final = "/followed"
"""What stands before the path of a request that followed a redirect within the wall."""

Header: TypeAlias = Callable[[int], tuple[str, str]]


class Words(msgspec.Struct, frozen=True):
    """A refusal in one wire's words; `kind` and `code` as `Voice.failure` takes them."""

    message: str
    kind: str | None = None
    code: str | None = None


THROTTLED: Final[Mapping[str, Words]] = {
    "": Words("Rate limit reached. Please try again later.", "rate_limit_error", "rate_limit_exceeded"),
    "chat_completions": Words("Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    "generate_content": Words("Resource has been exhausted (e.g. check quota)."),
    "converse": Words("Too many requests, please wait before trying again.", "ThrottlingException"),
}
SPENT: Final[Mapping[str, Words]] = {
    "": Words(
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    "messages": Words(
        "Your organization has exceeded your current quota, please check your billing.", "rate_limit_error"
    ),
    "generate_content": Words("You exceeded your current quota, please check your plan and billing details."),
}
BUSY: Final[Mapping[str, Words]] = {
    "": Words("Overloaded", "overloaded_error", "overloaded"),
    "generate_content": Words("The model is overloaded. Please try again later.", "UNAVAILABLE"),
    "converse": Words("The service is unavailable.", "ServiceUnavailableException"),
}
BROKEN: Final[Mapping[str, Words]] = {
    "": Words("The server had an error while processing your request.", "server_error"),
    "messages": Words("Internal server error", "api_error"),
    "generate_content": Words("An internal error has occurred."),
    "converse": Words("The system encountered an unexpected error.", "InternalServerException"),
}
TOO_LONG: Final[Mapping[str, Words]] = {
    "": Words(
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 90210 tokens.",
        "invalid_request_error",
        "context_length_exceeded",
    ),
    "messages": Words("prompt is too long: 210042 tokens > 200000 maximum"),
    "generate_content": Words(
        "The input token count (1200042) exceeds the maximum number of tokens allowed (1048576)."
    ),
    "ollama": Words("the input length exceeds the context length"),
    "converse": Words("Input is too long for requested model.", "ValidationException"),
}
BLOCKED: Final[Mapping[str, Words]] = {
    "": Words(
        "The response was filtered due to the prompt triggering the content management policy.",
        "invalid_request_error",
        "content_filter",
    ),
    "messages": Words("Output blocked by content filtering policy"),
}
UNKNOWN_KEY: Final[Mapping[str, Words]] = {
    "": Words("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    "messages": Words("invalid x-api-key"),
    "generate_content": Words("API key not valid. Please pass a valid API key."),
    "converse": Words("The security token included in the request is invalid.", "UnrecognizedClientException"),
}
UNKNOWN_MODEL: Final[Mapping[str, Words]] = {
    "": Words("The model does not exist or you do not have access to it.", "invalid_request_error", "model_not_found"),
    "messages": Words("model: no such model"),
    "generate_content": Words("models/none is not found for API version v1beta."),
    "converse": Words("The provided model identifier is invalid.", "ResourceNotFoundException"),
}
REFUSED: Final[Mapping[str, Words]] = {
    "": Words("Invalid value: 'wall'. Supported values are: 'door', 'window'.", None, "invalid_value"),
    "generate_content": Words("Invalid value at 'wall'."),
    "converse": Words("Malformed input request.", "ValidationException"),
}


def refusing(status: int, words: Mapping[str, Words], *headers: Header) -> Act:
    """Refuse with a status, in the words of the wire; a header is made of the fault's number."""

    def act(scene: Scene) -> Reply:
        said = words.get(scene.voice.WIRE, words[""])
        body = scene.voice.failure(status, said.message, kind=said.kind, code=said.code)
        return json_reply(status, body, dict(header(scene.number) for header in headers))

    return act


def fixed(name: str, value: str) -> Header:
    """Make a header that says always the same."""
    return lambda _: (name, value)


def after_seconds(number: int) -> tuple[str, str]:
    """Ask to wait so many seconds."""
    return "retry-after", str(number)


def after_milliseconds(number: int) -> tuple[str, str]:
    """Ask to wait so many milliseconds."""
    return "retry-after-ms", str(number)


def after_date(number: int) -> tuple[str, str]:
    """Ask to wait until a moment that is so many seconds ahead."""
    return "retry-after", format_datetime(datetime.now(UTC) + timedelta(seconds=number), usegmt=True)


def after_negative(number: int) -> tuple[str, str]:
    """Ask to wait less than no time."""
    return "retry-after", str(-number)


def to_same(scene: Scene) -> Reply:
    """Point to another path of the wall, where the answer is."""
    return _pointing(FOLLOWED + scene.target)


def to_itself(scene: Scene) -> Reply:
    """Point to the very same address."""
    return _pointing(scene.target)


def to_elsewhere(scene: Scene) -> Reply:
    """Point to another origin, which would answer and keeps what it was shown."""
    return _pointing(scene.elsewhere + scene.target)


def _pointing(location: str) -> Reply:
    return Reply(status=307, headers=(("location", location),), length=0)


def _refusals() -> list[Fault]:
    """Give the faults that are a refusal and nothing else: F19 to F22."""
    wait = "the seconds to wait"
    rows = [
        ("f19-retry-after-seconds", "Refuses with 429 and tells the seconds to wait.", wait, 1, after_seconds),
        ("f19-retry-after-date", "Refuses with 429 and tells the date to wait for.", wait, 1, after_date),
        (
            "f19-retry-after-ms",
            "Refuses with 429 and tells the milliseconds to wait.",
            "the milliseconds to wait",
            20,
            after_milliseconds,
        ),
        (
            "f19-retry-after-negative",
            "Refuses with 429 and asks to wait less than no time.",
            "the seconds below zero",
            5,
            after_negative,
        ),
        ("f19-retry-after-huge", "Refuses with 429 and asks to wait for a day.", wait, 86_400, after_seconds),
        (
            "f19-retry-after-nonsense",
            "Refuses with 429 and asks to wait for what is no time.",
            "",
            0,
            fixed("retry-after", "soon"),
        ),
    ]
    throttled = [
        Fault(
            id=name,
            spec="F19",
            does=does,
            act=refusing(429, THROTTLED, header),
            streamed="error",
            whole="error",
            number=number,
            usual=usual,
        )
        for name, does, number, usual, header in rows
    ]
    plain: list[tuple[str, str, int, Mapping[str, Words], str, bool, Verdict]] = [
        ("f19-throttled", "F19", 429, THROTTLED, "Refuses with 429 and no word on how long.", False, "answered"),
        ("f20-spend-limit", "F20", 429, SPENT, "Refuses with 429 since the money is spent.", False, "answered"),
        ("f20-529", "F20", 529, BUSY, "Says that it is overloaded, with 529.", False, "answered"),
        ("f20-503", "F20", 503, BUSY, "Says that it is overloaded, with 503.", False, "answered"),
        ("f20-500", "F20", 500, BROKEN, "Fails with 500.", False, "answered"),
        ("f21-context", "F21", 400, TOO_LONG, "Refuses a prompt that is too long for the model.", False, "either"),
        ("f21-filter", "F21", 400, BLOCKED, "Refuses a prompt that its filter does not like.", True, "error"),
        ("f21-400", "F21", 400, REFUSED, "Refuses a request that is wrong.", True, "error"),
        ("f21-401", "F21", 401, UNKNOWN_KEY, "Refuses the key.", False, "answered"),
        ("f21-404", "F21", 404, UNKNOWN_MODEL, "Knows no such model.", False, "either"),
    ]
    refused = [
        Fault(
            id=name,
            spec=spec,
            does=does,
            act=refusing(status, words),
            streamed="error",
            whole="error",
            callers=callers,
            behind=behind,
        )
        for name, spec, status, words, does, callers, behind in plain
    ]
    turns: list[tuple[str, Schedule, str, int]] = [
        ("f22-flap-seconds", "seconds", "Fails with 503 and answers, in turns of so many seconds.", 30),
        ("f22-down-seconds", "first_seconds", "Fails with 503 for so many seconds from the first request.", 60),
        ("f22-flap-requests", "requests", "Fails with 503 and answers, in turns of so many requests.", 5),
    ]
    flapping = [
        Fault(
            id=name,
            spec="F22",
            does=does,
            act=refusing(503, BUSY),
            streamed="either",
            whole="either",
            schedule=schedule,
            number="the seconds that it fails" if schedule == "first_seconds" else f"the {schedule} of a turn",
            usual=usual,
        )
        for name, schedule, does, usual in turns
    ]
    return [*throttled, *refused, *flapping]


FAULTS: Final = (
    Fault(
        id="f18-redirect-same",
        spec="F18",
        does="Points to another path of the same origin, where the answer is.",
        act=to_same,
        streamed="answered",
        whole="answered",
    ),
    Fault(
        id="f18-redirect-cross",
        spec="F18",
        does="Points to another origin, which would answer and must see no key.",
        act=to_elsewhere,
        streamed="error",
        whole="error",
    ),
    Fault(
        id="f18-redirect-loop",
        spec="F18",
        does="Points to the very same address, again and again.",
        act=to_itself,
        streamed="error",
        whole="error",
    ),
    *_refusals(),
)
