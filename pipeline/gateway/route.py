"""A model and those who answer for it: who is asked first, and who next."""

import random
from collections.abc import Sequence

from pipeline.gateway.providers import Model, ModelType
from pipeline.gateway.target import Member, Offer

SHUFFLE = random.Random()  # noqa: S311 - spreads load, keeps no secret


class Route:
    """A model: its description, how it is served, and its members in the order of the configuration."""

    def __init__(self, offer: Offer, members: Sequence[Member], model: Model) -> None:
        self.offer = offer
        """As /v1/models lists it."""
        self.members = tuple(members)
        """Who answers for it; never empty."""
        self.model = model
        """How it is served."""
        self._turn = 0

    @property
    def id(self) -> str:
        """Return the model's id."""
        return self.offer.id

    @property
    def type(self) -> ModelType:
        """Return what it does."""
        return self.offer.type

    def order(self) -> Sequence[Member]:
        """Return the members in the order in which this request asks them."""
        members = self.members
        if len(members) == 1 or self.model.strategy == "ordered":
            return members
        if self.model.strategy == "round_robin":
            first = self._turn % len(members)
            self._turn += 1
        elif self.model.strategy == "shuffle":
            first = SHUFFLE.randrange(len(members))
        else:
            return sorted(members, key=lambda member: (member.target.slots.busy, SHUFFLE.random()))
        return members[first:] + members[:first]
