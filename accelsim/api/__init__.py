"""What `import accelsim` gives: functions that take names, paths, objects and arrays.

Each is a thin one over what the commands use, and its messages speak of arguments. What it loads
is loaded when it is first called.
"""
