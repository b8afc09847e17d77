"""Speed, memory and overhead, each measured in one run against a peer or a limit: `python -m benchmarks`."""
