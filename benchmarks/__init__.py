"""How fast and how right it is, always beside something to compare with: `python -m benchmarks`."""
