"""The writeback ledger: an accepted action reaches the system of record once, or a person does it.

`write_back` is a generator without input or output: it yields effects, is sent their replies and
returns the outcome. A driver makes the writes and calls; the simulation plays them with every fault
it can think of. One run is `claim → mark → call → record → look up → record`:

- Claim with a fresh nonce, the next fence and a lease. A refused write that turns out to be our own
  is one whose reply was lost (R3). A lease is over only a clock margin after its end (R14).
- Mark, before the call, that it may have been made; begin no call that lease and invocation do not
  both outlast with a margin (R4). So no call is under way when somebody else may claim.
- Call once, under the action id (R5, R15). If an earlier call is in doubt, class A calls again;
  class B asks, believes what it is shown at once, and that there is nothing only when whatever can
  have left has been worked off; class C goes to a person (R6).
- A rejection while an older call is in doubt may be a rejection of our own success: it is believed
  only once a look-up shows nothing.
- What is recorded never moves back, and only the owner of the current fence records (R7).
- A call that was certainly not made gives its attempt back. An outage or an open breaker spends no
  budget: the row waits, with full jitter, until a person takes over at `give_up_after` (R8).
- Dual completion: only a record that the system itself shows, and that equals what was agreed,
  confirms. Other values, or none when they must be there, go to a person.
- A message is deleted only if the outcome `acknowledges` it (R7). A store that fails is
  an exception of the driver's: it ends the run, and lease, queue and sweep do the rest.
"""

from closeloop.domain.ledger.effects import Apply, Claim, Effect, LookUp, Mark, Record, RowEffect
from closeloop.domain.ledger.protocol import write_back
from closeloop.domain.ledger.replies import (
    Accepted,
    AlreadyDone,
    Ambiguous,
    BreakerOpen,
    CallResult,
    Confirmed,
    Found,
    HandedOff,
    HandOffCause,
    LookUpResult,
    NotFound,
    NotMine,
    Outcome,
    Refused,
    Rejected,
    Reply,
    RetryAt,
    RetryCause,
    Unavailable,
    Written,
)
from closeloop.domain.ledger.row import Steps
from closeloop.domain.ledger.rules import acknowledges
from closeloop.domain.ledger_entry import (
    AdapterClass,
    Host,
    LedgerEntry,
    LedgerPolicy,
    State,
    Writeback,
    wake_at,
)

__all__ = [
    "Accepted",
    "AdapterClass",
    "AlreadyDone",
    "Ambiguous",
    "Apply",
    "BreakerOpen",
    "CallResult",
    "Claim",
    "Confirmed",
    "Effect",
    "Found",
    "HandOffCause",
    "HandedOff",
    "Host",
    "LedgerEntry",
    "LedgerPolicy",
    "LookUp",
    "LookUpResult",
    "Mark",
    "NotFound",
    "NotMine",
    "Outcome",
    "Record",
    "Refused",
    "Rejected",
    "Reply",
    "RetryAt",
    "RetryCause",
    "RowEffect",
    "State",
    "Steps",
    "Unavailable",
    "Writeback",
    "Written",
    "acknowledges",
    "wake_at",
    "write_back",
]
