from pathlib import Path

import pytest

from interlingua.errors import ProtocolError
from interlingua.local.index import (
    FileLink,
    PackageSource,
    configured_sources,
    find_file,
    local_path,
    package_sources,
    parse_page,
    read_configuration,
)


def test_a_json_page_gives_links_with_hashes_and_sizes() -> None:
    body = (
        b'{"meta": {"api-version": "1.1"}, "name": "tiny", "files": ['
        b'{"filename": "t-1.whl", "url": "../../files/t-1.whl", "hashes": {"sha256": "ab"}, "size": 7},'
        b'{"filename": "t-1.tar.gz", "url": "https://files.example/t-1.tar.gz", "hashes": {}}]}'
    )

    links = parse_page(body, content_type="application/vnd.pypi.simple.v1+json", url="https://index.example/simple/t/")

    assert links == [
        FileLink("https://index.example/files/t-1.whl", "ab", 7),
        FileLink("https://files.example/t-1.tar.gz"),
    ]


def test_an_html_page_gives_links_with_the_hash_of_their_fragment() -> None:
    body = b"""<!DOCTYPE html><html><head><base href="/pool/"></head><body>
        <a name="top">no link</a> <a href="t%2B1.whl#sha256=ab">t+1.whl</a> <a href="t-2.whl#md5=cd">t-2.whl</a>"""

    links = parse_page(body, content_type="text/html; charset=utf-8", url="https://index.example/simple/t/")

    assert links == [
        FileLink("https://index.example/pool/t%2B1.whl", "ab"),
        FileLink("https://index.example/pool/t-2.whl"),
    ]
    assert find_file(links, "t+1.whl") == links[0]
    assert find_file(links, "t-3.whl") is None


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"files": [{"name": "x"}]}'])
def test_a_json_page_that_is_none_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="package index"):
        parse_page(body, content_type="application/vnd.pypi.simple.v1+json", url="https://u:p@index.example/simple/t/")


def test_the_page_of_a_package_has_its_normalised_name() -> None:
    assert (
        PackageSource("https://index.example/simple", "index")
        .page_of("Tiny__model.X")
        .endswith("/simple/tiny-model-x/")
    )
    assert PackageSource("https://files.example/list.html", "links").page_of("t") == "https://files.example/list.html"


def test_the_environment_wins_over_the_command_over_the_global_section() -> None:
    printed = (
        "global.index-url='https://a/simple'\ninstall.index-url='https://b/simple'\n:env:.index-url='https://c/simple'\n"
        "install.find-links='/one'\nglobal.find-links='/two'\nwheel.find-links='/three'\n"
        "default='https://default/simple'\nWARNING: something else\nbroken='\n"
    )

    assert read_configuration(printed) == {
        "index-url": "https://c/simple",
        "find-links": "/one",
        "default": "https://default/simple",
    }


def test_sources_are_links_then_the_index_then_extra_indexes() -> None:
    pip = {
        "find-links": "/wheels https://files.example/",
        "index-url": "https://a/simple",
        "extra-index-url": "file:///b/simple\nhttps://c/simple",
        "default": "https://default/simple",
    }

    assert configured_sources({"UV_INDEX": "mine=https://d/simple"}, pip) == [
        PackageSource("/wheels", "links"),
        PackageSource("https://files.example/", "links"),
        PackageSource("https://a/simple", "index"),
        PackageSource("https://d/simple", "index"),
        PackageSource("file:///b/simple", "index"),
        PackageSource("https://c/simple", "index"),
    ]


def test_uv_names_the_index_where_it_is_configured() -> None:
    pip = {"index-url": "https://a/simple"}

    assert configured_sources({"UV_DEFAULT_INDEX": "https://uv/simple"}, pip) == [
        PackageSource("https://uv/simple", "index")
    ]


def test_the_default_index_is_used_only_where_none_is_configured() -> None:
    default = {"default": "https://default/simple"}

    assert configured_sources({}, default) == [PackageSource("https://default/simple", "index")]
    assert configured_sources({}, default | {"no-index": "true"}) == []


def test_an_override_is_the_only_source() -> None:
    assert package_sources("https://mirror.example/simple") == [PackageSource("https://mirror.example/simple", "index")]
    assert package_sources("/wheels") == [PackageSource("/wheels", "links")]


def test_pip_is_asked_for_its_own_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nfind-links = /from/the/file\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)

    sources = package_sources()

    assert sources[0] == PackageSource("/from/the/file", "links")
    assert any(source.kind == "index" and source.url.startswith("https://") for source in sources)


def test_credentials_are_not_shown() -> None:
    assert PackageSource("https://user:pass@index.example/simple", "index").shown == "https://index.example/simple"


def test_file_urls_and_paths_are_local() -> None:
    assert local_path("file:///a%20b/c") == Path("/a b/c")
    assert local_path("/a/b") == Path("/a/b")
    assert local_path("https://index.example/simple") is None
