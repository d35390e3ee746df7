"""The detectors and anonymisers, as the functions that the domain asks for."""

from __future__ import annotations

from compliance.anonymisers import generalise, mask
from compliance.detectors import may_be_sure, may_hold, mobile, plate, scan
from compliance.domain.formats import Instruments
from compliance.domain.vocabulary import FieldType

INSTRUMENTS = Instruments(
    scan=scan,
    may_hold=may_hold,
    may_be_sure=may_be_sure,
    plain={FieldType.MOBILE: mobile.PLAIN, FieldType.PLATE: plate.PLAIN},
    mobile=mobile.normalise,
    plate=plate.normalise,
    mask=mask.mask,
    daypart=generalise.daypart,
)
