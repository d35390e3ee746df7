"""Pages and HTTP for integrators, guards, subjects and officers."""
