"""Where models are asked: accounts with their keys, prices and limits, and whether each is well."""
