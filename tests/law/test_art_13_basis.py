"""PIPL 13: every field rests on one basis, and consent is only one of them."""

import pytest

from compliance.domain.collection import Admitted
from compliance.domain.vocabulary import Basis, BasisProfile
from tests.builders import a_pack, a_pack_with, a_submission, codes, verdict


class TestParagraph1:
    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    def test_every_field_has_a_basis_for_each_of_its_subjects(self, category: str) -> None:
        for rule in a_pack().categories[category].fields.values():
            assert rule.basis
            if Basis.STATUTORY in rule.basis.values():
                assert rule.law_ref, rule.name

    @pytest.mark.parametrize("category", ["visitor", "delivery", "service"])
    def test_nobody_has_a_contract_with_a_visitor_a_courier_or_a_worker(self, category: str) -> None:
        for rule in a_pack().categories[category].fields.values():
            theirs = {
                subject: basis for subject, basis in rule.basis.items() if subject not in ("host", "owner")
            }
            assert Basis.CONTRACT not in theirs.values(), rule.name

    def test_a_driver_who_pays_is_a_party(self) -> None:
        raw = a_submission(category="vehicle", consent=None) | {"fields": {"plate_no": "京A00000"}}

        assert isinstance(verdict(raw), Admitted)

    def test_what_rests_on_consent_is_not_taken_without_it(self) -> None:
        assert codes(verdict(consent=None)) == {"no_consent"}

    def test_a_site_on_its_duty_needs_no_consent_to_the_short_list(self) -> None:
        pack = a_pack_with("visitor", site={"basis_profile": BasisProfile.DUTY})

        assert isinstance(verdict(consent=None, pack=pack), Admitted)

    def test_an_emergency_crew_goes_straight_through(self) -> None:
        raw = a_submission(category="emergency", notice=None, consent=None) | {"fields": {"agency": "急救"}}

        assert isinstance(verdict(raw), Admitted)
