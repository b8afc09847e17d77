"""From raw texts to clean words, stems and sentiment, all in one table. Topics are found elsewhere."""
