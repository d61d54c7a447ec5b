"""What all platforms share on the way in: how often one may write, and the answer that is painted as it comes about."""
