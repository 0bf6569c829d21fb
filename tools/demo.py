"""Ask a real model twice: through the gateway with the official SDK, and through the library.

    make demo

Gets the embedded model, starts the gateway on a free loopback port, asks it a question through the `openai` SDK,
asks the library another, and prints what the answers cost. Exits with 0 only if both answers have text and usage.
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Generator

from interlingua import Client, Error

MODEL = "local/smollm2"
LONGEST_ANSWER = 48
COMMAND = [sys.executable, "-m", "interlingua.cli"]
INTERRUPTED = 130

NEXT = """Three things to try next:
  .venv/bin/interlingua chat                  talk to it; with OPENAI_API_KEY set, -m openai/gpt-6-luna is better
  .venv/bin/interlingua serve                 point any OpenAI SDK at http://127.0.0.1:4180/v1
  .venv/bin/python examples/structured.py     get an answer as a value of your own type"""


class Answer:
    """An answer as it arrives: printed at once, with its clock and its tokens."""

    def __init__(self) -> None:
        self.text = ""
        self.tokens: int | None = None
        self._started = time.perf_counter()
        self._first: float | None = None
        self._ended: float | None = None

    def add(self, delta: str) -> None:
        """Take the next piece of text."""
        if delta and self._first is None:
            self._first = time.perf_counter()
        self.text += delta
        print(delta, end="", flush=True)

    def end(self, tokens: int | None) -> None:
        """Stop the clock; `tokens` is the completion's count by the usage that came with it."""
        self._ended = time.perf_counter()
        self.tokens = tokens
        print()

    @property
    def is_whole(self) -> bool:
        """Whether there is text, and usage."""
        return bool(self.text.strip()) and bool(self.tokens)

    def figures(self) -> str:
        """Give tokens, time to the first one, and tokens a second from there on."""
        if not self.tokens or self._first is None or self._ended is None:
            return "no usage"
        speed = self.tokens / max(self._ended - self._first, 1e-6)
        return f"{self.tokens:>3} tokens, first after {self._first - self._started:.2f} s, {speed:.0f} tokens a second"


def ask_the_gateway(url: str, question: str) -> Answer:
    """Ask through the official SDK, streamed."""
    from openai import OpenAI  # noqa: PLC0415 - loading it takes a second, in which the gateway starts

    answer, usage = Answer(), None
    with (
        OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0) as client,
        client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": question}],
            stream=True,
            stream_options={"include_usage": True},
            temperature=0,
            max_tokens=LONGEST_ANSWER,
        ) as stream,
    ):
        for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                answer.add(choice.delta.content or "")
    answer.end(usage.completion_tokens if usage else None)
    return answer


async def ask_the_library(question: str) -> Answer:
    """Ask in this process, streamed."""
    answer, usage = Answer(), None
    async with Client() as client:
        async for piece in client.generate_stream(MODEL, question, temperature=0, max_tokens=LONGEST_ANSWER):
            usage = piece.usage or usage
            answer.add(piece.delta)
    answer.end(usage.completion_tokens if usage else None)
    return answer


@contextlib.contextmanager
def running_gateway() -> Generator[str]:
    """Run `interlingua serve` on a free port of the loopback and give its address."""
    command = [*COMMAND, "serve", "--port", "0", "--log-level", "warning"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            yield address_of(process)
        finally:
            process.terminate()
            process.wait()


def address_of(process: "subprocess.Popen[str]") -> str:
    """Read the address that the gateway says it listens on."""
    for line in process.stdout or ():
        for word in line.split():
            if word.startswith("http://"):
                return word.rstrip(".,/")
    sys.exit("The gateway ended before it listened.")


def say(heading: str, question: str) -> None:
    """Print what is asked, and of whom."""
    print(f"\n{heading}\n> {question}")


def run() -> int:
    """Do it all; the result is the exit code."""
    print("The model inside (98 MB, fetched once):")
    subprocess.run([*COMMAND, "pull", "smollm2"], check=True, start_new_session=True)
    with running_gateway() as url:
        question = "What is the capital of France, and what is it known for?"
        say(f"Through the gateway at {url}, with the official openai SDK:", question)
        first = ask_the_gateway(url, question)
    question = "Why is the sky blue? Answer in two sentences."
    say("Through the library, in this process:", question)
    second = asyncio.run(ask_the_library(question))
    print(f"\n  gateway  {first.figures()}\n  library  {second.figures()}")
    print("  (each first token includes loading the model)\n")
    if not (first.is_whole and second.is_whole):
        print("An answer is empty, or came without usage.", file=sys.stderr)
        return 1
    print(NEXT)
    return 0


def main() -> int:
    """Run the demo; Ctrl-C ends it, and with it what it started, which is in sessions of its own and hears none."""
    try:
        return run()
    except KeyboardInterrupt:
        print("\nStopped.")
        return INTERRUPTED
    except Error as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode


if __name__ == "__main__":
    sys.exit(main())
