"""Buy-till-you-die models: people buy at a rate of their own until, unseen, they stop for good."""
