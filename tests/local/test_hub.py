import msgspec
import pytest

from interlingua.errors import NoSuchModel, ProtocolError
from interlingua.local.hub import HubFile, HubName, choose_files, parse_listing

NAME = HubName("owner", "Model-GGUF")


def files(*names: str) -> list[HubFile]:
    return [HubFile(name, size=1000 - len(name)) for name in names]


def chosen(choice: str | None, *names: str) -> list[str]:
    return [file.name for file in choose_files(files(*names), HubName("owner", "Model-GGUF", choice))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("owner/name", HubName("owner", "name")),
        ("owner/name.v2-GGUF:Q4_K_M", HubName("owner", "name.v2-GGUF", "Q4_K_M")),
        ("owner/name:sub/file.gguf", HubName("owner", "name", "sub/file.gguf")),
        ("smollm2", None),
        ("a/b/c", None),
        ("/a/b", None),
        ("../b", None),
        ("a/b:../../x.gguf", None),
    ],
)
def test_a_name_is_an_owner_and_a_repository(text: str, name: HubName | None) -> None:
    assert HubName.parse(text) == name


def test_addresses_are_quoted() -> None:
    assert NAME.listing_url("https://hub.example/") == "https://hub.example/api/models/owner/Model-GGUF?blobs=true"
    assert NAME.file_url("https://hub.example", "refs/pr/1", "a b/c.gguf").endswith(
        "/resolve/refs%2Fpr%2F1/a%20b/c.gguf"
    )


def test_a_listing_gives_sizes_and_hashes_of_large_files() -> None:
    body = msgspec.json.encode(
        {
            "sha": "abc",
            "siblings": [
                {"rfilename": "README.md", "size": 3},
                {"rfilename": "m.gguf", "size": 9, "lfs": {"sha256": "ff", "size": 9, "pointerSize": 1}},
            ],
        }
    )

    listing = parse_listing(body, name=NAME)

    assert listing.revision == "abc"
    assert listing.files == (HubFile("README.md", 3), HubFile("m.gguf", 9, "ff"))


@pytest.mark.parametrize("name", ["../m.gguf", "/m.gguf", "a/../../m.gguf", "a\\m.gguf"])
def test_a_file_name_that_leads_out_of_the_repository_is_refused(name: str) -> None:
    body = msgspec.json.encode({"siblings": [{"rfilename": name}]})

    with pytest.raises(ProtocolError):
        parse_listing(body, name=NAME)


def test_a_listing_of_another_shape_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="owner/Model-GGUF"):
        parse_listing(b"<html>", name=NAME)


def test_about_four_bits_are_taken_when_nobody_chooses() -> None:
    assert chosen(None, "m-Q8_0.gguf", "m-Q4_K_M.gguf", "m-F16.gguf", "mmproj-Q4_K_M.gguf") == ["m-Q4_K_M.gguf"]
    assert chosen(None, "m-IQ1_S.gguf") == ["m-IQ1_S.gguf"]


def test_a_quantisation_is_matched_whole_and_in_any_case() -> None:
    assert chosen("q4_0", "m-Q4_0.gguf", "m-IQ4_0.gguf", "m-Q4_0_4_4.gguf") == ["m-Q4_0.gguf"]


def test_a_file_may_be_named_with_or_without_its_folder() -> None:
    assert chosen("b.gguf", "a.gguf", "sub/b.gguf") == ["sub/b.gguf"]
    assert chosen("sub/b.gguf", "a.gguf", "sub/b.gguf") == ["sub/b.gguf"]


def test_the_pieces_of_a_split_model_come_together_and_in_order() -> None:
    names = ("m-Q4_0-00002-of-00002.gguf", "m-Q8_0.gguf", "m-Q4_0-00001-of-00002.gguf")

    assert chosen("Q4_0", *names) == ["m-Q4_0-00001-of-00002.gguf", "m-Q4_0-00002-of-00002.gguf"]


def test_a_repository_without_a_fitting_file_says_what_it_has() -> None:
    with pytest.raises(NoSuchModel, match="no GGUF file"):
        chosen(None, "model.safetensors")
    with pytest.raises(NoSuchModel, match=r"it has m-Q8_0\.gguf"):
        chosen("Q2_K", "m-Q8_0.gguf")
