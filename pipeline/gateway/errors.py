"""What can go wrong in the gateway.

    GatewayError
    ├── UnknownModel        nobody serves a model of this name (also a LookupError)
    ├── NothingServes       no model of the kind that was asked for is configured (also a LookupError)
    │   └── NoPictures      none that makes pictures: an address that is not there
    ├── WrongModelType      the model is there, but does something else (also a ValueError)
    ├── BadBody             the request says something that makes no sense (also a ValueError)
    ├── LimitReached        the caller has used up what its key allows, for now
    ├── ProvidersAway       every provider of the model is down or busy, for now (also a ConnectionError)
    ├── ProviderSilent      a provider sent nothing for too long (also a TimeoutError)
    ├── ProviderRefused     a provider does not accept us: its key or address is wrong
    ├── RequestRefused      a provider does not do what was asked, where its answer is not passed on as it is
    └── ProviderDied        a provider went away in the middle of an answer (also a ConnectionError)

Every message is fit for the caller: it names models and providers, never addresses or keys.
"""

from collections.abc import Sequence


class GatewayError(Exception):
    """The gateway could not do what was asked."""

    param: str | None = None
    """Field of the request that is to blame; None for none."""


class UnknownModel(GatewayError, LookupError):
    """Nobody serves a model of this name."""

    param = "model"

    def __init__(self, model: str, near: Sequence[str], hint: str | None = None) -> None:
        """Give a hint of our own where we know more of the name than which ones are near."""
        if hint is None:
            hint = f"Did you mean {' or '.join(near)}?" if near else "GET /v1/models lists what is served."
        super().__init__(f"The model {model[:100]!r} is not served here. {hint}")


class NothingServes(GatewayError, LookupError):
    """No model of the kind that was asked for is configured."""


class NoPictures(NothingServes):
    """No model that makes pictures is configured."""

    param = "model"


class WrongModelType(GatewayError, ValueError):
    """The model is there, but does something else."""

    param = "model"


class BadBody(GatewayError, ValueError):
    """The request says something that makes no sense."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class LimitReached(GatewayError):
    """The caller has used up what its key allows, for now."""

    def __init__(self, message: str, retry_seconds: float) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds
        """When it may ask again."""


class ProvidersAway(GatewayError, ConnectionError):
    """Every provider of the model is down or busy, for now."""

    def __init__(self, message: str, retry_seconds: float) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds
        """When one may be back."""


class ProviderSilent(GatewayError, TimeoutError):
    """A provider sent nothing for too long."""


class ProviderRefused(GatewayError):
    """A provider does not accept us."""


class RequestRefused(GatewayError):
    """A provider does not do what was asked."""

    def __init__(self, status: int, message: str, retry_seconds: float | None) -> None:
        super().__init__(message)
        self.status = status
        """As the provider answered."""
        self.retry_seconds = retry_seconds
        """When to ask again, as the provider said; None if it did not."""


class ProviderDied(GatewayError, ConnectionError):
    """A provider went away in the middle of an answer."""
