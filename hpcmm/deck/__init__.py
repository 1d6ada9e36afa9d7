"""Reading, checking and writing of decks, the TOML files that describe a run."""
