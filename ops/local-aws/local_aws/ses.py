"""The operations of SES that the emulator does not do as SES does: SendEmail and the account."""

from __future__ import annotations

import time
import urllib.parse
import uuid

from . import emulator
from .call import Answer, Call
from .clock import Clock
from .errors import AWSError
from .ses_account import SendingAccount
from .ses_events import EventPublisher
from .ses_message import Message
from .ses_suppression import SuppressionList
from .settings import Settings
from .witness import AcceptanceWitness, Outbox


class SES:
    """SES v2 in front of the emulator's."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        account: SendingAccount,
        suppressions: SuppressionList,
        publisher: EventPublisher,
        acceptances: AcceptanceWitness,
        outbox: Outbox,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._account = account
        self._suppressions = suppressions
        self._publisher = publisher
        self._acceptances = acceptances
        self._outbox = outbox

    async def perform(self, call: Call) -> Answer:
        """Does a call to SES; raises AWSError when it is refused."""
        match call.operation:
            case "SendEmail":
                return await self._send_email(call)
            case "GetAccount":
                attributes = (await emulator.forward(call)).json()
                return Answer.of_json(attributes | self._account.attributes() | self._suppressions.attributes())
            case "PutAccountSendingAttributes":
                self._settings.change({"sending_enabled": bool(call.json().get("SendingEnabled", False))})
                return Answer.of_json({})
            case "SendBulkEmail":
                raise AWSError(400, "BadRequestException", "The local AWS does not offer SendBulkEmail.")
            case _:
                return self._suppressions.perform(call) or await emulator.forward(call)

    async def _send_email(self, call: Call) -> Answer:
        """Checks in SES's order, keeps the mail, and counts the acceptance, which from then on is a fact."""
        try:
            message = Message.of(call)
        except (AttributeError, TypeError) as error:
            raise AWSError(400, "SerializationException", f"The request has a member of a wrong type: {error}") from error
        await self._check_configuration_set(call, message)
        if self._settings.strict_identity:
            await self._check_identity(call, message)
        self._account.take(message.recipients)
        message_id = _new_message_id()
        self._acceptances.accepted(message.tags, message_id, self._clock.event_time())
        self._outbox.keep(message_id, call.json())
        self._publisher.accepted(call, message, message_id)
        return Answer.of_json({"MessageId": message_id})

    async def _check_configuration_set(self, call: Call, message: Message) -> None:
        name = message.configuration_set
        if name is None:
            return
        answer = await emulator.get(call, "/v2/email/configuration-sets/" + urllib.parse.quote(name, safe=""))
        if answer.status != 200:
            raise AWSError(404, "NotFoundException", f"Configuration set <{name}> does not exist.")
        if not answer.json().get("SendingOptions", {}).get("SendingEnabled", True):
            raise AWSError(400, "SendingPausedException", f"Sending is disabled for configuration set <{name}>.")

    async def _check_identity(self, call: Call, message: Message) -> None:
        """An identity is the address itself, its domain, or a parent of that."""
        address = message.source_address
        labels = message.source_domain.lower().split(".")
        for identity in (address, *(".".join(labels[first:]) for first in range(len(labels) - 1))):
            answer = await emulator.get(call, "/v2/email/identities/" + urllib.parse.quote(identity, safe=""))
            if answer.status == 200 and answer.json().get("VerifiedForSendingStatus"):
                return
        raise AWSError(
            400,
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region "
            f"{call.region.upper()}: {address}",
        )


def _new_message_id() -> str:
    """In SES's form: the time and a UUID."""
    return f"0100{int(time.time() * 1000):012x}-{uuid.uuid4()}-000000"
