"""What interlingua costs beside other clients and gateways: CPU, latency, memory, import and size, in one run.

- `make bench`: everything, twenty minutes or so.
- `make bench ARGS=--quick`: one short round of everything, a few minutes.
- `python -m benchmarks --only nginx,aiohttp`: rows with one of these words in their names.
- `python -m benchmarks.report`: write docs/benchmarks.md from the last run's results.
"""
