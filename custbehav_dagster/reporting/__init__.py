"""From tables to pages and summaries for the owner. Nothing here computes new results."""
