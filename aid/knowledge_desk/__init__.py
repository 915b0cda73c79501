"""The knowledge desk: what the knowledge misses, how its answers do, and changes that two persons make live together."""
