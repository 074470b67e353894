"""The version of accelsim, alone so that the build can read it."""

VERSION = "0.1.0"
