"""Compiled kernels: made once on a machine, kept as machine code, linked where searches run.

`compiling` makes them with numba, in a process that `beside` starts and `making` is, one at a time
on a machine, for which the others wait in `turns`; `store` keeps them; `linking`
makes them callable, for which the interpreter needs neither numba nor its compiler; `calls` hands
over arguments; `loader` decides when which of these happens.
"""
