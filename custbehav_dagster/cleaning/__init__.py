"""Raw text tables become typed, de-duplicated and traceable; what is left out is kept with its reason."""
