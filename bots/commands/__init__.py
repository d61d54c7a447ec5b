"""The catalogue and its handlers: plain functions from a request to a reply, the same for every platform."""
