"""Evidence files: what a person sends beside his words, kept as it came, sealed, and bound to his case."""
