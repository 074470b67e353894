"""Constants of nature in SI units.

References
----------
P. J. Mohr et al., "CODATA recommended values of the fundamental physical constants",
2018 adjustment, Rev. Mod. Phys. 93, 025010 (2021).
"""

BOLTZMANN = 1.380649e-23  # J/K, exact
MU_0 = 1.25663706212e-6  # T m/A
# Gyromagnetic ratio of the free electron's spin, in rad/(s T); g = 2.0023.
GYROMAGNETIC = 1.76085963023e11
ELEMENTARY_CHARGE = 1.602176634e-19  # C, exact
HBAR = 1.054571817e-34  # J s
EPSILON_0 = 8.8541878128e-12  # F/m
