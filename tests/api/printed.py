"""Text of commands, to be compared with that of results."""


def bare(text):
    """Return printed text without blanks at the ends of its lines."""
    return "".join(f"{line.rstrip()}\n" for line in text.rstrip().splitlines())
