"""What can be set, from the environment at the start and over the control endpoint afterwards."""

from __future__ import annotations

import dataclasses
import json
import os
import typing

#: Settings that are one of some words; None where it may be left out.
_WORDS: dict[str, tuple[str | None, ...]] = {
    "enforcement_status": ("HEALTHY", "PROBATION", "SHUTDOWN"),
    "pricing_plan": ("NONE", "ESSENTIALS", "PRO", "ENTERPRISE", None),
}


@dataclasses.dataclass
class Settings:
    """Every field is read at the start from `WAYBILL_LOCAL_` and its name in capitals, as JSON."""

    #: Access key -> secret key: who is known. The default is the pair that everybody uses with emulators.
    credentials: dict[str, str] = dataclasses.field(default_factory=lambda: {"test": "test"})
    #: How far a signature's time may lie from this server's clock, either way. AWS: five minutes.
    signature_age: float = 300.0
    #: Added to this server's clock, in `Date`, in signature checks and in events: a clock that is off by so many seconds.
    clock_offset: float = 0.0
    #: Recipients a second that SES accepts; None is no limit.
    send_rate: float | None = 500.0
    #: How many recipients beyond an idle second's share are accepted at once; None is one second's worth.
    send_burst: float | None = None
    #: Recipients in 24 hours; -1 is no limit. Mail to the mailbox simulator does not count.
    send_quota: float = 1_000_000.0
    #: The account may send; also set by PutAccountSendingAttributes.
    sending_enabled: bool = True
    #: Refuse mail from an identity that was not created.
    strict_identity: bool = False
    #: Seconds from an acceptance to its Send event.
    send_event_delay: float = 0.0
    #: Seconds from the Send event to the Delivery, Bounce and other events.
    event_delay: float = 0.1

    #: What the draws of faults with a probability are made of: the same seed and faults, the same draws.
    seed: float = 1.0
    #: Services that answer everything with 503, unseen: `["sqs"]`. What they keep stays.
    down: list[str] = dataclasses.field(default_factory=list)
    #: What GetAccount says: HEALTHY, PROBATION (mail goes on) or SHUTDOWN (mail is refused: the account is suspended).
    enforcement_status: str = "HEALTHY"
    #: What GetAccount says of the plan by which SES is paid; None to say nothing, as an account of before the plans.
    pricing_plan: str | None = "ESSENTIALS"

    @classmethod
    def from_environment(cls, environment: typing.Mapping[str, str] | None = None) -> Settings:
        """Reads `WAYBILL_LOCAL_SIGNATURE_AGE` and the like."""
        variables = os.environ if environment is None else environment
        settings = cls()
        changes = {}
        for field in dataclasses.fields(cls):
            text = variables.get("WAYBILL_LOCAL_" + field.name.upper())
            if text:
                changes[field.name] = json.loads(text)
        settings.change(changes)
        return settings

    def change(self, changes: typing.Mapping[str, object]) -> None:
        """Sets the named fields; raises ValueError and changes nothing when a name or a type is wrong."""
        hints = typing.get_type_hints(type(self))
        checked = {name: _checked(name, value, hints) for name, value in changes.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def copy(self) -> Settings:
        return dataclasses.replace(self, credentials=dict(self.credentials))

    def restore(self, earlier: Settings) -> None:
        """Sets every field as it was in a copy."""
        vars(self).update(vars(earlier.copy()))

    def as_json(self) -> dict[str, object]:
        """All fields but the secrets."""
        fields = dataclasses.asdict(self)
        fields["credentials"] = sorted(self.credentials)
        return fields


def _checked(name: str, value: object, hints: typing.Mapping[str, object]) -> object:
    """The value as the field's type."""
    if name not in hints:
        raise ValueError(f"no setting is called {name!r}; there are {', '.join(sorted(hints))}")
    if name == "credentials":
        if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
            return value
        raise ValueError("credentials must be an object of access key and secret key")
    if name == "down":
        if isinstance(value, list) and all(isinstance(service, str) for service in value):
            return value
        raise ValueError("down must be a list of services")
    if name in _WORDS:
        if value in _WORDS[name]:
            return value
        raise ValueError(f"{name} must be one of {', '.join(json.dumps(word) for word in _WORDS[name])}")
    if hints[name] is bool:
        if isinstance(value, bool):
            return value
        raise ValueError(f"{name} must be true or false")
    if value is None and hints[name] == float | None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{name} must be a number")
    return float(value)
