"""What botocore knows of Bedrock: the model of the service, its check of requests, its readers of replies."""

# pyright: basic

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import botocore
from botocore.eventstream import EventStream
from botocore.model import ServiceModel
from botocore.parsers import EventStreamJSONParser, create_parser
from botocore.validate import ParamValidator


@cache
def _operation(name: str) -> Any:
    folder = Path(botocore.__file__).parent / "data" / "bedrock-runtime"
    path = next(folder.glob("*/service-2.json*"))
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return ServiceModel(json.loads(data), "bedrock-runtime").operation_model(name)


def complaints(body: dict[str, Any]) -> str:
    """Give what botocore has against a request; empty if nothing.

    It looks at types, needed fields and lengths; words of an enum and unknown members are looked at here.
    """
    shape = _operation("Converse").input_shape
    report: Any = ParamValidator().validate(body | {"modelId": "m"}, shape)
    return "\n".join([report.generate_report(), *_strange(body, shape, "body")]).strip()


def _strange(value: Any, shape: Any, where: str) -> list[str]:
    if shape.type_name == "structure" and not shape.is_document_type:
        found = [f"{where}.{name} is not known" for name in value if name not in shape.members]
        if shape.is_tagged_union and len(value) != 1:
            found.append(f"{where} is a union and has {list(value)}")
        for name, each in value.items():
            if name in shape.members:
                found += _strange(each, shape.members[name], f"{where}.{name}")
        return found
    if shape.type_name == "list":
        return [each for index, item in enumerate(value) for each in _strange(item, shape.member, f"{where}[{index}]")]
    words = getattr(shape, "enum", [])
    return [f"{where} is {value!r} and none of {words}"] if words and value not in words else []


def reply(body: bytes) -> dict[str, Any]:
    """Read a whole reply as botocore does."""
    response = {"status_code": 200, "headers": {}, "body": body}
    return dict(create_parser("rest-json").parse(response, _operation("Converse").output_shape))


class _Raw:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> Any:
        yield self._data

    def close(self) -> None: ...


def events(data: bytes) -> list[dict[str, Any]]:
    """Read a stream as botocore does."""
    shape = _operation("ConverseStream").output_shape.members["stream"]
    return list(EventStream(_Raw(data), shape, EventStreamJSONParser(), "ConverseStream"))


def failures() -> set[str]:
    """Give the names of the failures that Converse and ConverseStream may answer with."""
    return {shape.name for name in ("Converse", "ConverseStream") for shape in _operation(name).error_shapes}
