"""One question to a model: claimed before it is sent, paid for by how it ended.

It stands on sources and credit, and on no seat.
"""
