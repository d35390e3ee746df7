"""The keyring and the cipher suites: the only user of the cryptography library."""
