"""Milvus' REST API, version 2: JSON in and out, on the requests that gRPC serves too.

`table` lists the 105 routes; the modules beside it turn a JSON body into the request message of
an RPC, and what the operation answered into JSON. `web.door` is the HTTP end of it. Privileges,
limits and errors are the service's: nothing here decides what is allowed.
"""
