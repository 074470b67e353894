"""Commands killed at any moment: what was reported is there, nothing is there by half, and the
same command runs again and clears up.

    python -m tests.kill --kills 200
"""
