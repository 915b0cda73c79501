"""The sentences of the doors and of the pages without scripts, as knowledge/ has them."""
