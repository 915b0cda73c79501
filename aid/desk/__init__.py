"""The staff's desk: the queue of cases, what is done with one, ready-made words, and who has it open."""
