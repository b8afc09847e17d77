"""Tables to pictures. Nothing here writes tables or knows the page they end up on."""
