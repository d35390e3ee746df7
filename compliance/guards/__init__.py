"""Guards for somebody else's application: in front of a route, beside a mapped class, and behind its log.

Each is one object put in place by the application itself, and each asks the same gate. None of them logs what was sent.
"""
