"""Names -> routes: what is configured, what providers list, and what we serve ourselves."""

import difflib
from collections.abc import Iterable, Mapping, Sequence

from pipeline.gateway.errors import NothingServes, UnknownModel, WrongModelType
from pipeline.gateway.providers import Model, ModelType
from pipeline.gateway.route import Route
from pipeline.gateway.target import Member, Offer

SHORT_NAMES = {
    "qwen": "Qwen/Qwen3-VL-30B-A3B-Instruct",
    "canary": "nvidia/canary-1b-v2",
    "pyannote": "pyannote/speaker-diarization-3.1",
}
"""Names of the older platform; each is known while its model is served and nothing else is called so."""
NOT_HERE = {
    "qwen": f"It is {SHORT_NAMES['qwen']}: the engine vllm serves it where [engines.chat] names that, or a provider.",
    "canary": (
        f"It is {SHORT_NAMES['canary']}, whose weights are not on this machine: an administrator downloads it in the "
        "control room, or by POST /api/admin/models/canary/download."
    ),
    "pyannote": (
        "It tells speakers apart: POST /api/diarization/process, or the response_format diarized_json of "
        "/v1/audio/transcriptions."
    ),
}
"""What is said of a short name while its model is not served."""
HOW_TO_GET: Mapping[ModelType, str] = {
    "text-generation": (
        "No language model is configured. One line of parley.toml (or PARLEY_CHAT) names one: the address of a local "
        'Ollama or llama.cpp server, chat = "http://127.0.0.1:11434", or a GGUF file, chat = "/models/some.gguf".'
    ),
    "text-embeddings-inference": "No embeddings model is configured. Add one under [[providers]] in parley.toml.",
    "text-classification": "No reranking model is configured. Add one under [[providers]] in parley.toml.",
    "automatic-speech-recognition": "No speech model is configured. Add one under [[providers]] in parley.toml.",
    "image-generation": (
        'No image model is configured. Add a server with model_type = "image-generation" under [[providers]] '
        "in parley.toml."
    ),
    "image-text-to-text": "No model that sees pictures is configured. Add one under [[providers]] in parley.toml.",
}
DOES: Mapping[ModelType, str] = {
    "text-generation": "writes text",
    "image-text-to-text": "writes text about pictures",
    "text-embeddings-inference": "turns texts into vectors",
    "automatic-speech-recognition": "turns speech into text",
    "text-classification": "ranks texts",
    "image-generation": "makes pictures",
}


class Directory:
    """All models that are served now, by id and by alias."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models
        self._own: list[tuple[Offer, Member]] = []
        self._found: dict[str, list[tuple[Offer, Member]]] = {}
        self._routes: dict[str, Route] = {}
        self._names: dict[str, Route] = {}

    def add(self, offer: Offer, member: Member, aliases: Sequence[str] = ()) -> None:
        """Serve a model ourselves."""
        self._own.append((offer, member))
        if aliases and offer.id not in self._models:
            self._models = {**self._models, offer.id: Model(aliases=tuple(aliases))}
        self._build()

    def set_found(self, found: Mapping[str, Sequence[tuple[Offer, Member]]]) -> None:
        """Replace what the providers serve, by the provider's name, in the order of the configuration."""
        self._found = {name: list(offers) for name, offers in found.items()}
        self._build()

    def routes(self) -> Sequence[Route]:
        """Return all models."""
        return list(self._routes.values())

    def names(self) -> Mapping[str, Route]:
        """Return all models by every name they answer to."""
        return self._names

    def find(self, name: str, *types: ModelType) -> Route:
        """Return the model of a name, if it does one of the things asked for.

        Raises:
            NothingServes: no model does that, whatever its name.
            UnknownModel: there is no such model.
            WrongModelType: it does something else.
        """
        route = self._names.get(name) or self._names.get(name.removesuffix(":latest"))
        if route is not None and (not types or route.type in types):
            return route
        if types and not any(each.type in types for each in self._routes.values()):
            raise NothingServes(HOW_TO_GET[types[0]])
        if route is not None:
            fit = [each.id for each in self._routes.values() if each.type in types]
            raise WrongModelType(f"The model {route.id!r} {DOES[route.type]}. Use one of: {', '.join(fit[:5])}.")
        near = difflib.get_close_matches(name[:100], self._suitable(types), n=3, cutoff=0.5)
        raise UnknownModel(name, near, NOT_HERE.get(name))

    def first(self, kind: ModelType) -> Route:
        """Return the first model that does something. Raises `NothingServes`."""
        route = next((each for each in self._routes.values() if each.type == kind), None)
        if route is None:
            raise NothingServes(HOW_TO_GET[kind])
        return route

    def _suitable(self, types: Sequence[ModelType]) -> list[str]:
        return [name for name, route in self._names.items() if not types or route.type in types]

    def _build(self) -> None:
        offers: dict[str, Offer] = {}
        members: dict[str, list[Member]] = {}
        for offer, member in self._all():
            first = offers.setdefault(offer.id, offer)
            # One id does one thing: a provider that lists it as something else does not answer for it.
            if first.type == offer.type:
                members.setdefault(offer.id, []).append(member)
        kept = self._routes
        self._routes = {id: self._route(offer, members[id], kept.get(id)) for id, offer in offers.items()}
        self._names = {**self._short(), **self._aliases(), **self._routes}

    def _all(self) -> Iterable[tuple[Offer, Member]]:
        yield from self._own
        for offers in self._found.values():
            yield from offers

    def _route(self, offer: Offer, members: Sequence[Member], kept: Route | None) -> Route:
        if kept is not None and kept.offer == offer and kept.members == tuple(members):
            return kept
        return Route(offer, members, self._models.get(offer.id, Model()))

    def _aliases(self) -> dict[str, Route]:
        return {alias: route for route in self._routes.values() for alias in route.model.aliases}

    def _short(self) -> dict[str, Route]:
        return {short: self._routes[id] for short, id in SHORT_NAMES.items() if id in self._routes}
