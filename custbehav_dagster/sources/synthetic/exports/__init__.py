"""A made-up shop written as the exports of shop platforms, with its true tables beside them.

What is written here is for tests: no file bears a mark that tells it from a real
export, so whoever puts one into `data/raw` for a trial must list it in the manifest
of generated files (`sources.manifest.generating`), which makes everything read from it say
`is_synthetic`.
"""
