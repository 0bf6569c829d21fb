"""The repository's own commands do what they say."""

import datetime as dt
from pathlib import Path

import pytest

from tools.changelog import INTRODUCTION, InvalidFragment, assembled, read_fragments
from tools.docs import rendered
from tools.style_metrics import Shape, add_file, broken


def test_fragments_become_a_section_above_the_older_ones(tmp_path: Path) -> None:
    (tmp_path / "keys.fixed.md").write_text("A key is no longer printed.\n")
    (tmp_path / "client.added.md").write_text("`Client` streams\nany model.\n")
    older = f"{INTRODUCTION}\n## 0.1.0 - 2026-01-01\n\n### Added\n\n- All.\n"

    text = assembled(older, read_fragments(tmp_path), version="0.2.0", date=dt.date(2026, 12, 24))

    assert text == (
        f"{INTRODUCTION}\n## 0.2.0 - 2026-12-24\n\n### Added\n\n- `Client` streams\n  any model.\n\n"
        "### Fixed\n\n- A key is no longer printed.\n\n## 0.1.0 - 2026-01-01\n\n### Added\n\n- All.\n"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("client.new.md", "A kind."),
        ("Client.added.md", "A topic."),
        ("client.added.md", "no sentence"),
        ("x.md", "No."),
    ],
)
def test_a_bad_fragment_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(InvalidFragment, match=name):
        read_fragments(tmp_path)


def test_a_generated_part_is_written_between_its_comments_and_stays_the_same_then() -> None:
    page = "By hand.\n\n<!-- generated: errors -->\nold\n<!-- end -->\n\nBy hand.\n"

    written = rendered(page)

    assert "`ContextTooLong`" in written
    assert "\nold\n" not in written
    assert written.startswith("By hand.\n")
    assert written.endswith("\nBy hand.\n")
    assert rendered(written) == written


def test_each_broken_limit_names_the_place() -> None:
    long = "def long():\n" + "    pass\n" * 200
    swallowing = "def quiet():\n    try:\n        long()\n    except Exception:\n        pass\n"
    shape = Shape()

    add_file(shape, long + swallowing, "module.py")

    assert [line.partition(" is ")[0] for line in broken(shape)] == [
        "function_lines",
        "long_function_percent",
        "swallowed_exceptions",
    ]
    assert "module.py:long 201" in next(broken(shape))


def test_a_file_that_says_why_may_be_long() -> None:
    shape = Shape()

    add_file(shape, "# size-ok: a table of 900 characters\n" + "x = 1\n" * 900, "module.py")

    assert list(broken(shape)) == []
