"""What `peers.py` hands to other simulators, and a program for each of them."""
