"""From the events of a provider to the outputs that a caller reads."""

import time
from collections.abc import AsyncGenerator

from interlingua.errors import StreamInterrupted
from interlingua.types import (
    Event,
    Finish,
    ModelInferenceMetrics,
    ModelOutput,
    OpaqueDelta,
    OutputAssembly,
    StreamEnd,
    StreamStart,
    TextDelta,
    UsageReport,
)

_SILENT = (StreamStart, Finish, UsageReport, StreamEnd)


async def stream_outputs(
    events: AsyncGenerator[Event], *, provider: str, incremental: bool = False
) -> AsyncGenerator[ModelOutput]:
    """Give an output for each event that has content, and one at the end with all of it.

    The last output has the finish reason, the usage, every part and the metrics.
    `events` is closed when the caller stops reading, so that the work behind it ends.
    """
    assembly = OutputAssembly()
    pieces = assembly.pieces
    started = time.time()
    first: float | None = None
    try:
        async for event in events:
            assembly.add(event)
            if type(event) is TextDelta and event.choice == 0:
                delta = event.text
            elif isinstance(event, _SILENT) or (isinstance(event, OpaqueDelta) and event.choice is None):
                continue
            else:
                delta = ""
            if first is None:
                first = time.time()
            yield ModelOutput.piece(event, delta, pieces, incremental=incremental)
    except StreamInterrupted as error:
        error.partial = error.partial or "".join(pieces)
        raise
    finally:
        await events.aclose()
    yield _last(assembly, provider=provider, incremental=incremental, started=started, first=first)


def measured(output: ModelOutput, *, started: float, first: float | None = None) -> ModelOutput:
    """Add the metrics of an answer that began at `started` (Unix seconds)."""
    now = time.time() * 1000
    usage = output.usage
    output.metrics = ModelInferenceMetrics(
        start_time_ms=started * 1000,
        current_time_ms=now,
        end_time_ms=now,
        first_token_time_ms=first * 1000 if first is not None else None,
        first_completion_time_ms=first * 1000 if first is not None else None,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        total_tokens=usage.total_tokens if usage else None,
    )
    return output


def _last(
    assembly: OutputAssembly, *, provider: str, incremental: bool, started: float, first: float | None
) -> ModelOutput:
    output = assembly.output()
    output.provider = output.route[-1].target.partition("/")[0] if output.route else provider
    output.event = StreamEnd()
    if incremental:
        output.make_incremental()
    return measured(output, started=started, first=first)
