"""What is said to the owner, in every language: one catalogue of texts each, and how numbers are written."""
