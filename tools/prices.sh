#!/bin/sh
# Write the packaged prices from the newest genai-prices, which is installed in a throw-away environment only.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$scratch" 'genai-prices>=0.2,<0.3' pydantic pydantic-core annotated-types typing-inspection
PYTHONPATH="$scratch" "$VENV/bin/python" -m tools.build_prices
