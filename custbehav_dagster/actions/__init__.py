"""Who gets which message: consent, lists, who is kept back, and the files to import. Nothing here sends."""
