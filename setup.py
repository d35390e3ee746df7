"""What pyproject.toml cannot say: the migrations lie in `alembic/` and are shipped inside the package."""

from setuptools import find_packages, setup

# `alembic/` stays at the root, where people look for it, and has no __init__.py, which would shadow the library.
# In a wheel it must not be a top-level folder for the same reason, so it becomes a folder of compliance/db.
setup(
    packages=[
        *find_packages(include=["compliance", "compliance.*"]),
        "compliance.db.alembic",
        "compliance.db.alembic.versions",
    ],
    package_dir={"compliance.db.alembic": "alembic", "compliance.db.alembic.versions": "alembic/versions"},
)
