"""The fast-forward against the run event by event, on random machines, networks and streams.

python -m tests.forward --cases 1000
"""
