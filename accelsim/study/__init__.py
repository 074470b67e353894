"""Studies: the same network on many machines, dies and seeds, and where accuracy is lost."""
