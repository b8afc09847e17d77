"""Weather and calendar: which of them moves the orders of this shop beyond its season."""
