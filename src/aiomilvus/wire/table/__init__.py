"""The table that ties each operation to its RPC, both directions.

`lookup.route_of(type(operation))` is what a client asks, `lookup.routes_of(rpc_name)` what a
server does. One module per topic lists its routes; `route` says what a route is. RPCs that
stand for no operation of the model (Connect, GetVersion…) are the server's own.
"""
