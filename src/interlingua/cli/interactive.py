"""A conversation with a person: prompts, answers, and a few commands that begin with a slash."""

import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

from interlingua.cli.conversation import Conversation
from interlingua.cli.line_editor import LineEditor
from interlingua.cli.report import print_error, print_failure
from interlingua.cli.terminal import dim
from interlingua.errors import Error
from interlingua.types.suggestion import nearest


class SlashCommand(NamedTuple):
    """What a slash command takes, what it is for, and what it does; False from `run` ends the conversation."""

    takes: str
    help: str
    run: Callable[[Conversation, str], bool]


def converse(conversation: Conversation, editor: LineEditor) -> None:
    """Talk until the person leaves: Ctrl-D, /quit, or Ctrl-C twice at the prompt."""
    _say(f"{conversation.model}: type a prompt; /help lists commands, Ctrl-D leaves.")
    leaving = False
    while True:
        try:
            prompt = editor.read()
        except EOFError:
            print(file=sys.stderr)
            _say("goodbye")
            return
        except KeyboardInterrupt:
            print(file=sys.stderr)
            if leaving:
                _say("goodbye")
                return
            leaving = True
            _say("Ctrl-C again, or Ctrl-D, leaves.")
            continue
        leaving = False
        if prompt.strip() and not _take_turn(conversation, prompt):
            return


def _take_turn(conversation: Conversation, prompt: str) -> bool:
    """Do what one prompt asks for; False when the conversation is over."""
    try:
        if prompt.startswith("/"):
            return _obey(conversation, prompt)
        conversation.ask(prompt)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        _say("stopped")
    except Error as error:
        print_failure(error)
    return True


def _obey(conversation: Conversation, prompt: str) -> bool:
    name, _, rest = prompt[1:].partition(" ")
    command = SLASH_COMMANDS.get(name)
    if command is None:
        near = nearest(name, SLASH_COMMANDS)
        print_error(f"there is no /{name}; " + (f"did you mean /{near}?" if near else "/help lists commands."))
        return True
    return command.run(conversation, rest.strip())


def _help(_: Conversation, __: str) -> bool:
    width = max(len(f"/{name} {command.takes}") for name, command in SLASH_COMMANDS.items())
    for name, command in SLASH_COMMANDS.items():
        words = f"/{name} {command.takes}"
        print(f"  {words:<{width}}  {command.help}")
    print("A backslash at the end of a line goes on with the next one. Ctrl-C stops an answer.")
    return True


def _new(conversation: Conversation, _: str) -> bool:
    conversation.forget()
    _say("a new conversation")
    return True


def _model(conversation: Conversation, name: str) -> bool:
    if name:
        conversation.use_model(name)
    _say(f"the model is {conversation.model}")
    return True


def _system(conversation: Conversation, text: str) -> bool:
    conversation.system = text or None
    _say("the system message is set" if text else "there is no system message now")
    return True


def _quit(_: Conversation, __: str) -> bool:
    return False


def _say(text: str) -> None:
    print(dim(text, stream=sys.stderr), file=sys.stderr, flush=True)


SLASH_COMMANDS: Mapping[str, SlashCommand] = {
    "help": SlashCommand("", "List the commands.", _help),
    "new": SlashCommand("", "Begin a new conversation.", _new),
    "model": SlashCommand("NAME", "Go on with another model; without a name, say which it is.", _model),
    "system": SlashCommand("TEXT", "Set the system message; without a text, remove it.", _system),
    "quit": SlashCommand("", "Leave.", _quit),
}
