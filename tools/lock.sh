#!/bin/sh
# Resolve every dependency anew and write requirements/*.txt, with the hashes of all platforms' files.
#
# Each file holds for Python 3.11 to 3.14 on Linux and macOS, x86_64 and arm64 (`--universal` writes environment
# markers). It names no index, so that it installs from whichever one you use. uv resolves in a throw-away environment.
set -eu
if [ -z "${PYTHON:-}" ]; then
    echo "interlingua needs Python 3.11 or later with its venv module, and none was found." >&2
    exit 1
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
"$PYTHON" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.13'

compile() {
    "$scratch/venv/bin/uv" pip compile \
        --quiet --no-config --universal --python-version 3.11 --upgrade --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@"
}

compile pyproject.toml --extra all --group build --group test --group lint --output-file requirements/dev.txt
# Older major versions of the SDK that may be injected; the newest one stands in dev.txt.
echo 'openai>=1.66,<2' | compile - --output-file requirements/openai-1.txt
echo 'openai>=2,<3' | compile - --output-file requirements/openai-2.txt
echo "Wrote requirements/ ($(grep -c '==' requirements/dev.txt) packages in dev.txt)"
