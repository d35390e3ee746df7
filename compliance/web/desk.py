"""The desk: a tablet page on which a guard registers people, drawn from the policy in force."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/desk", include_in_schema=False)
