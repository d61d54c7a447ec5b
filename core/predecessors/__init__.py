"""What came before: the database of an existing system is read, and who holds what in it is carried over.

Nobody who holds a code or a seat there loses it. The old database is never written to; here it is one transaction, so
that it is carried over whole or not at all, and running it again changes nothing. Nobody is invited by it. It may
import whatever leases, codes, teams and sync offer.
"""
