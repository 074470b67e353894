"""Inputs that nobody means: made from good ones by chance, and what has to hold for each.

python -m tests.fuzz --cases 10000      # so many, of every kind in turn
python -m tests.fuzz --seconds 3600     # for an hour
python -m tests.fuzz --only runs --seed 7
"""
