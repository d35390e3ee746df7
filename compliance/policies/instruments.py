"""The detectors and anonymisers, as the functions that the domain asks for."""

from __future__ import annotations

from compliance.anonymisers import generalise, mask
from compliance.detectors import mobile, plate, scan
from compliance.domain.formats import Instruments

INSTRUMENTS = Instruments(
    scan=scan,
    mobile=mobile.normalise,
    plate=plate.normalise,
    mask=mask.mask,
    daypart=generalise.daypart,
)
