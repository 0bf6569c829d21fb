#!/bin/sh
# Run the benchmarks from a fresh clone: benchmarks/run.sh [--quick] [--only ROW,ROW] [--rounds N] ...
set -eu
cd "$(dirname "$0")/.."
if [ ! -e .venv/.installed ]; then
    make install
fi
exec .venv/bin/python -m benchmarks "$@"
