"""A meeting as readers see it -> what a summary should know of it beside its words."""

from collections.abc import Iterable

import msgspec

from pipeline.order import Order
from pipeline.slides import Slide
from pipeline.summary_settings import SummarySettings
from pipeline.templates.shelf import Shelf, UnknownTemplate
from pipeline.view import View
from stages.speech import Utterance
from stages.summarize import About, SlideText
from stages.template import GENERAL, Template


class Known:
    """Says what is known of meetings: names, corrections, day, template, glossary, slides."""

    def __init__(self, shelf: Shelf | None = None, settings: SummarySettings | None = None) -> None:
        self._shelf, self._settings = shelf, settings or SummarySettings()

    async def of(self, seen: View, slides: Iterable[Slide] = ()) -> About:
        """Return what is known of a meeting. Labels are those that its stages use."""
        order = Order.of(seen.row)
        known = reversed([*seen.labels_of_run.items()])
        own = {seen.overlays.merged.get(label, label): of_run for of_run, label in known}
        names = {own.get(label, label): name for label, name in seen.overlays.names.items()}
        return About(
            names=names,
            day=order.held_on or seen.row.created_at.date(),
            template=await self.template(order.template),
            glossary=self._settings.glossary,
            said=tuple(_with_label(said, own) for said in seen.utterances) if _changed(seen) else None,
            slides=tuple(_read(slide) for slide in slides if slide.text),
        )

    async def template(self, name: str) -> Template:
        """Return a template; one that is gone since the meeting asked for it leaves the general one, by its name."""
        try:
            return await self._shelf.find(name) if self._shelf is not None else GENERAL
        except UnknownTemplate:
            return msgspec.structs.replace(GENERAL, name=name)


def _read(slide: Slide) -> SlideText:
    text = f"{slide.title}. {slide.text}"
    return SlideText(id=slide.id, start=slide.start, end=slide.views[0].end, text=text)


def _changed(seen: View) -> bool:
    return bool(seen.overlays.edits or seen.overlays.merged)


def _with_label(said: Utterance, own: dict[str, str]) -> Utterance:
    speaker = own.get(said.speaker, said.speaker) if said.speaker is not None else None
    return msgspec.structs.replace(said, speaker=speaker)
