"""Backups of the record, the evidence files and the knowledge: taken while the system runs, checked, and restored elsewhere. See docs/backup.md."""
