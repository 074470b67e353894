"""The pages of `docs` whose commands are run: what stands below a command is what it prints."""
