"""Plain pages that need no script: look a ticket up, the centers, privacy, accessibility, and the talk itself by form posts."""
