"""Measure the shape of a package: the tails that a reader trips over, rather than averages.

    python -m tools.style_metrics src/interlingua [--check]

Prints sizes, documentation and typing figures, and the limits below. With `--check` it prints only what
breaks a limit and exits 1 if anything does. A file may be longer than its limit when one of its first five
lines says why: `# size-ok: <reason>`.
"""

import argparse
import ast
import io
import re
import statistics
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LONG_FUNCTION = 80
LIMITS = {
    "file_lines": 800,
    "function_lines": 150,
    "class_lines": 600,
    "parameters": 15,
    "long_function_percent": 1.5,
    "swallowed_exceptions": 0,
    "global_statements": 0,
}
WAIVER = re.compile(r"#\s*size-ok:\s*\S+")
WAIVER_LINES = 5
TYPE_IGNORE = re.compile(r"#\s*(?:type|pyright|mypy|ty):\s*ignore")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Measured:
    """A size and the place that has it."""

    size: int
    place: str


@dataclass
class Shape:
    """What was counted over a package."""

    files: list[Measured] = field(default_factory=list[Measured])
    waived: set[str] = field(default_factory=set[str])
    functions: list[Measured] = field(default_factory=list[Measured])
    classes: list[Measured] = field(default_factory=list[Measured])
    parameters: list[Measured] = field(default_factory=list[Measured])
    swallowed: list[str] = field(default_factory=list[str])
    globals: list[str] = field(default_factory=list[str])
    comments: int = 0
    docstring_lines: int = 0
    annotated: int = 0
    anys: int = 0
    ignores: int = 0
    local_imports: int = 0
    public: int = 0
    documented: int = 0

    @property
    def lines(self) -> int:
        """Give the lines of all files."""
        return sum(each.size for each in self.files)

    def values(self) -> dict[str, float]:
        """Give the figures that have a limit, by the limit's name."""
        long = sum(each.size > LONG_FUNCTION for each in self.functions)
        return {
            "file_lines": largest([each for each in self.files if each.place not in self.waived]),
            "function_lines": largest(self.functions),
            "class_lines": largest(self.classes),
            "parameters": largest(self.parameters),
            "long_function_percent": round(100 * long / max(1, len(self.functions)), 1),
            "swallowed_exceptions": len(self.swallowed),
            "global_statements": len(self.globals),
        }


def largest(measured: Sequence[Measured]) -> int:
    """Give the largest size, 0 when there is none."""
    return max((each.size for each in measured), default=0)


def shape_of(root: Path) -> Shape:
    """Measure every module under `root`."""
    shape = Shape()
    for path in sorted(root.rglob("*.py")):
        add_file(shape, path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    return shape


def add_file(shape: Shape, text: str, name: str) -> None:
    """Count one module."""
    shape.files.append(Measured(text.count("\n"), name))
    if any(WAIVER.search(line) for line in text.splitlines()[:WAIVER_LINES]):
        shape.waived.add(name)
    shape.ignores += len(TYPE_IGNORE.findall(text))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    shape.comments += sum(token.type == tokenize.COMMENT for token in tokens)
    for node in ast.walk(ast.parse(text)):
        add_node(shape, node, name)


def add_node(shape: Shape, node: ast.AST, name: str) -> None:
    """Count one node of a module's tree."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        shape.docstring_lines += docstring_length(node)
    match node:
        case ast.ClassDef():
            shape.classes.append(Measured(length(node), f"{name}:{node.name}"))
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            add_function(shape, node, f"{name}:{node.name}")
        case ast.Name(id="Any"):
            shape.anys += 1
        case ast.Global():
            shape.globals.append(f"{name}:{node.lineno}")
        case ast.ExceptHandler() if swallows(node):
            shape.swallowed.append(f"{name}:{node.lineno}")
        case _:
            pass


def add_function(shape: Shape, node: Function, place: str) -> None:
    """Count one function."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    named = [each for each in arguments if each.arg not in {"self", "cls"}]
    shape.functions.append(Measured(length(node), place))
    shape.parameters.append(Measured(len(named), place))
    shape.annotated += node.returns is not None and all(each.annotation for each in named)
    shape.local_imports += sum(isinstance(each, ast.Import | ast.ImportFrom) for each in node.body)
    if not node.name.startswith("_"):
        shape.public += 1
        shape.documented += ast.get_docstring(node) is not None


def length(node: ast.ClassDef | Function) -> int:
    """Give the lines of a definition, its docstring included and its decorators not."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def docstring_length(node: ast.Module | ast.ClassDef | Function) -> int:
    """Give the lines of a definition's docstring, 0 without one."""
    if ast.get_docstring(node, clean=False) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


def swallows(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler takes every exception and does nothing at all with it."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {getattr(kind, "id", "BaseException" if kind is None else "") for kind in kinds}
    broad = not names.isdisjoint({"Exception", "BaseException"})
    return broad and len(handler.body) == 1 and isinstance(handler.body[0], ast.Pass)


def report(shape: Shape) -> Iterator[str]:
    """Give the lines to print."""
    files = [each.size for each in shape.files if each.size]
    functions = [each.size for each in shape.functions]
    thousands = max(1, shape.lines) / 1000
    yield f"{len(files)} files, {shape.lines} lines; file median {middle(files)}, p90 {percentile(files, 0.9)}"
    yield (
        f"function median {middle(functions)}, p90 {percentile(functions, 0.9)}, p99 {percentile(functions, 0.99)}; "
        f"annotated {share(shape.annotated, len(functions))} %"
    )
    yield (
        f"comments {share(shape.comments, shape.lines)} %, docstrings {share(shape.docstring_lines, shape.lines)} % "
        f"of lines; public functions documented {share(shape.documented, shape.public)} %"
    )
    yield (
        f"for 1,000 lines: Any {shape.anys / thousands:.1f}, type ignores {shape.ignores / thousands:.1f}, "
        f"imports in functions {shape.local_imports / thousands:.1f}"
    )
    yield f"largest files: {top(shape.files)}"
    yield f"longest functions: {top(shape.functions)}"
    for name, value in shape.values().items():
        yield f"  {name:22} {value:>6}  limit {LIMITS[name]:>5}  {'BROKEN' if value > LIMITS[name] else 'ok'}"


def broken(shape: Shape) -> Iterator[str]:
    """Give one line for each limit that is broken, with the worst places."""
    places = {
        "file_lines": top([each for each in shape.files if each.place not in shape.waived]),
        "function_lines": top(shape.functions),
        "class_lines": top(shape.classes),
        "parameters": top(shape.parameters),
        "long_function_percent": top(shape.functions),
        "swallowed_exceptions": ", ".join(shape.swallowed),
        "global_statements": ", ".join(shape.globals),
    }
    for name, value in shape.values().items():
        if value > LIMITS[name]:
            yield f"{name} is {value}, the limit is {LIMITS[name]}: {places[name]}"


def middle(values: Sequence[int]) -> int:
    """Give the median, 0 of nothing."""
    return round(statistics.median(values)) if values else 0


def percentile(values: Sequence[int], fraction: float) -> int:
    """Give the value below which `fraction` of the values lie, 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * fraction))] if ordered else 0


def share(part: int, whole: int) -> float:
    """Give a percentage with one decimal."""
    return round(100 * part / max(1, whole), 1)


def top(measured: Sequence[Measured]) -> str:
    """Name the five largest."""
    return ", ".join(f"{each.place} {each.size}" for each in sorted(measured, reverse=True)[:5])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the result is the exit code."""
    parser = argparse.ArgumentParser(description="Measure the shape of a Python package.")
    parser.add_argument("root", type=Path)
    parser.add_argument("--check", action="store_true", help="print and fail only on broken limits")
    options = parser.parse_args(arguments)
    shape = shape_of(options.root)
    faults = list(broken(shape))
    print("\n".join(faults if options.check else report(shape)) or "Sizes are within their limits.")
    return 1 if options.check and faults else 0


if __name__ == "__main__":
    sys.exit(main())
