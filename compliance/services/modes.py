"""What the ledger knows of a site's mode: each change by a publication, and the end that comes by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from compliance.domain.errors import GateClosed, PublicationRefused
from compliance.domain.ledger import Act, Entry
from compliance.domain.modes import mode_at, observation_ends
from compliance.domain.policy import Pack
from compliance.domain.vocabulary import Mode
from compliance.ports import Books, Clock, PolicySource, UnitOfWork
from compliance.services.sealing import Sealing

ENDED = "mode.ended"


class Modes:
    """`is_plain` says of a category whether its store is a plain one: nothing else may be observed."""

    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        clock: Clock,
        sealing: Sealing,
        is_plain: Callable[[str], bool],
    ) -> None:
        self._books, self._policies = books, policies
        self._clock, self._sealing, self._is_plain = clock, sealing, is_plain

    def require(self, pack: Pack, signed_by: tuple[str, ...], effective_from: datetime) -> None:
        """Refuse a pack that may not observe: sealing stores, an approver who has not signed, days that are over."""
        if pack.site.mode is not Mode.OBSERVE:
            return
        sealed = [name for name in pack.categories if not self._is_plain(name)]
        if sealed:
            raise PublicationRefused(
                f"observe is for plain stores only; these are sealed: {', '.join(sealed)}. "
                "只观察（observe）仅限原有的明文表；上列类别由加密库保存，请用 strip 或 enforce。"
            )
        if len(set(signed_by)) != 2:
            raise PublicationRefused("Two named persons publish observe. observe 须由两名具名人员共同发布。")
        ends, watched = observation_ends(pack.site), pack.site.observation
        if watched is None or watched.by not in signed_by or ends is None or ends <= effective_from:
            raise PublicationRefused(
                "The approver of observe has to sign this publication, for days that are not over. "
                "observe 的批准人须在本次发布中签字，观察期不能已经结束。"
            )

    def enter(
        self, books: Books, was: Pack | None, pack: Pack, version: int, signed_by: tuple[str, ...]
    ) -> None:
        """Seal a change of mode with the publication that brings it."""
        site = pack.site
        before = was.site if was is not None else None
        if before is not None and (before.mode, before.observation) == (site.mode, site.observation):
            return
        if before is None and site.mode is Mode.ENFORCE:
            return
        facts: tuple[tuple[str, str | int], ...] = (
            ("mode", site.mode.value),
            ("was", before.mode.value if before is not None else Mode.ENFORCE.value),
            ("version", version),
            ("by", " ".join(signed_by)),
        )
        if site.mode is Mode.OBSERVE and site.observation is not None:
            watched = site.observation
            facts += (("approver", watched.by), ("since", watched.since.isoformat()))
            facts += (("until", watched.until.isoformat()),)
        self._write(books, pack, facts)

    def settle(self) -> bool:
        """Seal once that observing is over by itself; whether there was anything to seal."""
        now = self._clock.now()
        with self._books.writing() as books:
            try:
                pack = self._policies.active(books, now)
            except GateClosed:
                return False
            ends = observation_ends(pack.site)
            if ends is None or now < ends or books.switches.get(ENDED) == str(pack.version):
                return False
            books.switches.set(ENDED, str(pack.version))
            facts = (("mode", mode_at(pack.site, now).value), ("was", Mode.OBSERVE.value))
            self._write(books, pack, (*facts, ("version", pack.version), ("by", "end")))
        self._sealing.nudge()
        return True

    def _write(self, books: Books, pack: Pack, facts: tuple[tuple[str, str | int], ...]) -> None:
        day = pack.site.day_of(self._clock.now()).isoformat()
        entry = Entry(act=Act.MODE_CHANGED, site=pack.site.name, category="", day=day, count=1, facts=facts)
        self._sealing.write(books, entry)
