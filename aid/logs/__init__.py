"""How every process of ours writes its log. ``lines`` is imported by the Rasa server too: standard library alone, Python 3.10."""
