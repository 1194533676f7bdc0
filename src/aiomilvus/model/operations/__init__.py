"""Every request that a client can make, as a frozen value; one module per topic.

An operation says what is wanted, never how. The embedded backend hands it to the engine, the
remote one encodes it, the server decodes it: all three are driven by the operation's class.
`Operation[R]` names the type of its answer.
"""
