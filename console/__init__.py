"""The staff workbench, made on the server: pages of Jinja2 with htmx, mounted at /console."""
