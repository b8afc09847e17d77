"""Who will come back: features, labels, the contest of forecasters, their files and scores."""
