"""What applications call: clients, builders, results, iterators; and the backends behind them.

`client.aio` is the asynchronous client, `client.sync` its generated twin. Both turn loose
arguments into operations (`client.requests`), hand them to a backend (`client.backends`) and
dress the answer (`client.results`). Importing a client loads no numpy: the modules that need
it are loaded when a client is made.
"""
