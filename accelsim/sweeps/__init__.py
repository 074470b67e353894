"""Sweeps: the points of a space of machines, networks, seeds and effects, each simulated once.

A space is a file (`space`), its points follow from it alone (`points`), a point becomes a row
(`evaluate`), and rows are kept in one Parquet data set (`store`), which resumes. Who evaluates,
this process or a Dask cluster, changes no byte of it (`runner`).

Left out: a point of several tenants. Nothing here knows how a machine works: a point is what
`accelsim run` would simulate.
"""
