"""The chat of `usher chat` and `usher demo`: the same commands in a terminal."""
