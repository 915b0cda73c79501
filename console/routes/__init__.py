"""The pages, one module a part."""
