"""What the shop can learn: words, insights, and how they are put. Nothing here draws."""
