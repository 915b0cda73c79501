"""Who works at the workbench: accounts, roles bound to centers, sign-in, sessions, and the log of who saw what."""
