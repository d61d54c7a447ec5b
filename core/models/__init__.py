"""The upstreams that answer questions: one protocol, an adapter each. It knows no account and no price."""
