"""Answers of a given shape: from a Python type to a JSON Schema, and from text to a value."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec

from interlingua.errors import InvalidOutput, InvalidRequest
from interlingua.types import Adaptation, ModelOutput, ResponseFormat


class OutputShape(msgspec.Struct, frozen=True):
    """What an answer must look like: the `format` that is sent, and how its text is read.

    `read` gives the value, or raises `ValueError` with the reason. `verified` is False
    where the text can only be parsed, since no validator for JSON Schema is installed.
    """

    format: ResponseFormat
    read: Callable[[str], Any]
    verified: bool = True

    def fill(self, output: ModelOutput) -> ModelOutput:
        """Set `output.parsed`.

        Raises:
            InvalidOutput: the text does not fit; the error keeps it.

        """
        if not output.text and (output.tool_calls or output.refusal):
            return output
        try:
            output.parsed = self.read(output.text)
        except ValueError as error:
            cut = " (the answer was cut at its length limit)" if output.finish_reason == "length" else ""
            raise InvalidOutput(
                f"the answer does not fit the schema{cut}: {error}.", text=output.text, model=output.model
            ) from error
        if not self.verified:
            output.warnings.append(
                Adaptation("unverified", "response_format", "install interlingua[schema] to validate JSON Schema")
            )
        return output


def read_shape(wanted: Any) -> OutputShape | None:
    """Read what a caller gave as `response_format`.

    It may be a JSON Schema (a dict), OpenAI's own dict with a `type`, a `ResponseFormat`,
    a msgspec Struct, a dataclass, a TypedDict, or a Pydantic model. None and plain text
    have no shape.

    Raises:
        InvalidRequest: it is none of these.

    """
    if wanted is None:
        return None
    if isinstance(wanted, ResponseFormat):
        return _shape_of_format(wanted)
    if isinstance(wanted, Mapping):
        return _shape_of_format(_read_format(cast("Mapping[str, Any]", wanted)))
    if hasattr(wanted, "model_json_schema"):
        return _shape_of_pydantic(wanted)
    if isinstance(wanted, type):
        return _shape_of_type(wanted)
    raise InvalidRequest(
        f"response_format is a schema, a Struct, a dataclass or a Pydantic model, not {wanted!r}.",
        param="response_format",
    )


def json_schema_of(kind: Any) -> dict[str, Any]:
    """Give the JSON Schema of a Python type, closed (`additionalProperties: false`) and with an object at its root."""
    (schema,), definitions = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    reference = schema.get("$ref", "").removeprefix("#/$defs/")
    if reference in definitions:
        schema = definitions.pop(reference) if not _refers(definitions, reference) else dict(definitions[reference])
    if definitions:
        schema = {**schema, "$defs": definitions}
    _close(schema)
    return schema


def _shape_of_type(kind: type) -> OutputShape:
    try:
        schema = json_schema_of(kind)
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
    except TypeError as error:
        raise InvalidRequest(
            f"response_format: {kind.__name__} has no JSON Schema: {error}", param="response_format"
        ) from error
    return OutputShape(_format(kind.__name__, schema, strict=_all_required(schema)), decoder.decode)


def _shape_of_pydantic(kind: Any) -> OutputShape:
    schema = kind.model_json_schema()
    _close(schema)
    return OutputShape(_format(kind.__name__, schema, strict=_all_required(schema)), kind.model_validate_json)


def _shape_of_format(wanted: ResponseFormat) -> OutputShape | None:
    if wanted.type == "text":
        return None
    if wanted.type == "json_object" or wanted.schema is None:
        return OutputShape(wanted, msgspec.json.decode)
    validate = _validator(wanted.schema)
    return OutputShape(wanted, validate or msgspec.json.decode, verified=validate is not None)


def _read_format(wanted: Mapping[str, Any]) -> ResponseFormat:
    kind = wanted.get("type")
    if kind in ("text", "json_object"):
        return ResponseFormat(type=kind)
    inner = wanted.get("json_schema")
    if kind == "json_schema" and isinstance(inner, dict):
        return msgspec.convert({"type": "json_schema", **inner}, ResponseFormat)
    return ResponseFormat(
        type="json_schema", name=str(wanted.get("title") or "answer"), schema=cast("dict[str, Any]", wanted)
    )


def _validator(schema: dict[str, Any]) -> Callable[[str], Any] | None:
    try:
        import jsonschema_rs  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    try:
        validator = jsonschema_rs.validator_for(schema)
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise InvalidRequest(f"response_format: not a JSON Schema: {error}", param="response_format") from error

    def read(text: str) -> Any:
        value = msgspec.json.decode(text)
        for error in validator.iter_errors(value):
            path = "".join(f"[{step!r}]" for step in error.instance_path)
            raise ValueError(f"{error.message} (at ${path})")
        return value

    return read


def _format(name: str, schema: dict[str, Any], *, strict: bool) -> ResponseFormat:
    return ResponseFormat(type="json_schema", name=name, schema=schema, strict=True if strict else None)


def _close(schema: Any) -> None:
    """Forbid unknown fields in every object, which providers' strict modes require."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:  # pyright: ignore[reportUnknownMemberType]
            schema.setdefault("additionalProperties", False)  # pyright: ignore[reportUnknownMemberType]
        for value in schema.values():  # pyright: ignore[reportUnknownVariableType]
            _close(value)
    elif isinstance(schema, list):
        for value in schema:  # pyright: ignore[reportUnknownVariableType]
            _close(value)


def _all_required(schema: Any) -> bool:
    """Tell whether every property of every object is required, which providers' strict modes demand."""
    if isinstance(schema, dict):
        properties: Any = schema.get("properties")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(properties, dict) and set(properties) != set(schema.get("required", ())):  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
            return False
        return all(map(_all_required, schema.values()))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    return not isinstance(schema, list) or all(map(_all_required, schema))  # pyright: ignore[reportUnknownArgumentType]


def _refers(definitions: dict[str, Any], name: str) -> bool:
    return f'"#/$defs/{name}"'.encode() in msgspec.json.encode(definitions)
