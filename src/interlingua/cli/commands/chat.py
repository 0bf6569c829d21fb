"""`interlingua chat`."""

import asyncio
import sys
from argparse import Namespace
from contextlib import aclosing
from typing import Any

from interlingua.cli.command import CONFIG, JSON, Command, Option
from interlingua.cli.configuration import UNNATURAL, build_client, read_config
from interlingua.cli.conversation import Conversation
from interlingua.cli.interactive import converse
from interlingua.cli.line_editor import LineEditor, history_path
from interlingua.cli.options import options_of
from interlingua.cli.report import stop_for_usage
from interlingua.cli.tables import print_json
from interlingua.cli.terminal import is_terminal
from interlingua.cli.weights import fetch_weights
from interlingua.client import Client
from interlingua.errors import InvalidRequest
from interlingua.types import ModelOutput

USUAL_MODEL = "local/smollm2"
"""The model of someone who has set none: it needs no key."""


def run(arguments: Namespace) -> int:
    """Answer one prompt, or converse when there is none and a person is there."""
    prompt = _prompt(arguments.prompt, as_json=arguments.json)
    if prompt is None and arguments.json:
        stop_for_usage("there is no prompt: --json answers one.", command="interlingua chat", as_json=True)
    client = build_client(arguments, read_config(arguments))
    with asyncio.Runner() as runner:
        try:
            conversation = Conversation(
                client,
                runner,
                model=arguments.model or client.default_model or USUAL_MODEL,
                system=arguments.system,
                options=_options(arguments),
            )
            if prompt is None:
                with LineEditor(history=None if arguments.no_history else history_path()) as editor:
                    converse(conversation, editor)
            elif arguments.json:
                runner.run(_answer_in_json(client, conversation, prompt, _options(arguments)))
            else:
                conversation.ask(prompt)
        finally:
            runner.run(client.aclose())
    return 0


async def _answer_in_json(client: Client, conversation: Conversation, prompt: str, options: dict[str, Any]) -> None:
    """Print the whole answer as JSON; it is streamed all the same, for its clock."""
    await fetch_weights(client, conversation.model)
    output = ModelOutput()
    async with aclosing(client.generate_stream(conversation.model, conversation.messages(prompt), **options)) as stream:
        async for output in stream:  # noqa: B007 - the last one is meant
            pass
    print_json(output.to_dict() | {"provider": output.provider})


def _prompt(words: list[str], *, as_json: bool) -> str | None:
    """Give the prompt of the command line and of the pipe, or None if a person should be asked.

    Both together are one prompt: the question, and below it what it is about.
    """
    given = " ".join(words)
    if sys.stdin is None or is_terminal(sys.stdin):
        return given or None
    prompt = "\n\n".join(text for text in (given, _piped().strip("\n")) if text.strip())
    if not prompt:
        message = "there is no prompt, neither as words nor on standard input."
        stop_for_usage(message, command="interlingua chat", as_json=as_json)
    return prompt


def _piped() -> str:
    """Read standard input to its end."""
    try:
        text = sys.stdin.read()
        text.encode()  # what could not be decoded may have become lone surrogates
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise InvalidRequest(f"standard input is not text in UTF-8: {error.reason}.", param="prompt") from error
    return text


def _options(arguments: Namespace) -> dict[str, Any]:
    given = {"temperature": arguments.temperature, "max_tokens": arguments.max_tokens}
    return {name: value for name, value in given.items() if value is not None}


COMMAND = Command(
    description=(
        "With a prompt, or with something on standard input, it answers once; otherwise it converses."
        " Ctrl-C stops an answer and not the program."
    ),
    run=run,
    options=(
        Option(("-m", "--model"), f"Model, as provider/model (default {USUAL_MODEL}).", words="models"),
        Option(("--system",), "System message.", metavar="TEXT"),
        Option(("--temperature",), "How far answers may stray; 0 strays least.", metavar="F", read=float),
        Option(("--max-tokens",), "Longest answer, in tokens.", metavar="N", read=int),
        Option(("--no-history",), "Keep what is typed out of the history file.", switch=True),
        JSON,
        CONFIG,
        *options_of(Client, group="network", without=UNNATURAL),
        Option(("prompt",), "What to ask; words are joined by spaces.", metavar="PROMPT", arity="*"),
    ),
    examples=(
        ("'Name three rivers.'", "one answer, from the model on this machine"),
        ("-m openai/gpt-6-luna 'Name three rivers.'", "from another one"),
        ("'Sum this up:' < report.txt", "a question about a file"),
        ("--json 'Hi' | jq .usage", "for a script"),
        ("", "a conversation; /help lists its commands"),
    ),
)
