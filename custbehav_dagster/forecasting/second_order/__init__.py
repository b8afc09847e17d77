"""Who orders a second time, how soon, and after what kind of first order."""
