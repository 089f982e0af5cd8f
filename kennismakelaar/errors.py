"""Every error we raise on purpose.

KennisError
├── Refused            what was asked cannot be done as it stands
├── NotFound           no such node, place, file
├── Conflict           someone else changed it first
├── Unauthorised       who asks did not say who they are, or not rightly
├── Forbidden          who asks may not do this
├── SchemaError        a kind, node or edge does not follow graph_schema/
├── StoreError         the graph database cannot do its work now
│   ├── StoreGone      it cannot be reached
│   ├── StoreRefused   it refuses us: password, rights, version
│   └── Uncertain      a write may or may not have been done
├── EncoderError       the language model cannot be used
└── ProviderGone       the provider of accounts elsewhere cannot be reached
"""

from typing import ClassVar


class KennisError(Exception):
    """What is wrong, where, and what to do, in words fit to show a user."""

    status: ClassVar[int] = 500


class Refused(KennisError):
    """The request cannot be carried out as it stands."""

    status = 400


class NotFound(KennisError):
    """There is no such thing."""

    status = 404


class Conflict(KennisError):
    """Someone else changed it after it was read."""

    status = 409


class Unauthorised(KennisError):
    """Who asks did not say who they are, or not rightly."""

    status = 401


class Forbidden(KennisError):
    """Who asks may not do this."""

    status = 403


class SchemaError(KennisError):
    """A kind, node or edge does not follow graph_schema/."""

    status = 400


class StoreError(KennisError):
    """The graph database cannot do its work now."""

    status = 503


class StoreGone(StoreError):
    """The graph database cannot be reached."""


class StoreRefused(StoreError):
    """The graph database refuses us: password, rights or version."""


class Uncertain(StoreError):
    """A write may or may not have been done; it is safe to repeat."""


class EncoderError(KennisError):
    """The language model cannot be used."""

    status = 503


class ProviderGone(KennisError):
    """The provider of accounts elsewhere cannot be reached."""

    status = 503
