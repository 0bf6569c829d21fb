"""How fast an answer came."""

import time
from typing import Any

import msgspec


class ModelInferenceMetrics(msgspec.Struct, kw_only=True):
    """Times in Unix milliseconds and counts in tokens; what has not happened yet is None.

    `first_token_time_ms` is when the first event with content arrived,
    `first_completion_time_ms` when the caller first got something. A speed is None
    while there is nothing to divide by.
    """

    collect_index: int = 0
    start_time_ms: float | None = None
    end_time_ms: float | None = None
    current_time_ms: float | None = None
    first_token_time_ms: float | None = None
    first_completion_time_ms: float | None = None
    first_completion_tokens: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    current_gpu_infos: list[dict[str, Any]] | None = None
    avg_gpu_infos: list[dict[str, Any]] | None = None

    @staticmethod
    def create_metrics(last_metrics: "ModelInferenceMetrics | None" = None) -> "ModelInferenceMetrics":
        """Start measuring, or take the next sample after `last_metrics`."""
        now = time.time() * 1000
        if last_metrics is None:
            return ModelInferenceMetrics(start_time_ms=now, current_time_ms=now)
        return msgspec.structs.replace(last_metrics, collect_index=last_metrics.collect_index + 1, current_time_ms=now)

    @property
    def time_to_first_token(self) -> float | None:
        """Seconds from the start to the first token."""
        if self.start_time_ms is None or self.first_token_time_ms is None:
            return None
        return max(0.0, self.first_token_time_ms - self.start_time_ms) / 1000

    @property
    def duration(self) -> float | None:
        """Seconds from the start to the end, or to the latest sample."""
        last = self.end_time_ms if self.end_time_ms is not None else self.current_time_ms
        if self.start_time_ms is None or last is None:
            return None
        return max(0.0, last - self.start_time_ms) / 1000

    @property
    def speed_per_second(self) -> float | None:
        """Completion tokens a second over the whole duration."""
        duration = self.duration
        return self.completion_tokens / duration if self.completion_tokens is not None and duration else None

    @property
    def decode_speed_per_second(self) -> float | None:
        """Completion tokens a second after the first token."""
        duration, first = self.duration, self.time_to_first_token
        if self.completion_tokens is None or duration is None or first is None or duration <= first:
            return None
        return self.completion_tokens / (duration - first)

    def to_dict(self) -> dict[str, Any]:
        """Give what is known, speeds included."""
        fields = msgspec.to_builtins(self) | {
            "speed_per_second": self.speed_per_second,
            "decode_speed_per_second": self.decode_speed_per_second,
        }
        return {name: value for name, value in fields.items() if value is not None}
