"""A film: clips one after another, with cuts, words and sound, made into one file. No Qt."""
