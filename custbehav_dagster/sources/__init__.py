"""How files and services become raw tables: one module per format or service."""
