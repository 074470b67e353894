"""What there is to ask for: what ships, what each key and word means, and a project to begin with.

Computed here, printed by accelsim.cli.
"""
