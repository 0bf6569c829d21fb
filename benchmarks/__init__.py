"""What interlingua costs beside other clients and gateways: CPU, latency, memory, import and size, in one run.

make bench                          everything, twenty minutes or so
python -m benchmarks --quick        fewer rounds, a few minutes
python -m benchmarks --only nginx,aiohttp
python -m benchmarks.report         write docs/benchmarks.md from the last run's results
"""
