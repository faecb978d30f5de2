"""What a customer is offered first, and what is one step away."""

from __future__ import annotations

import pytest

from closeloop.domain.identity import Channel
from tests.fakes.customer import contacted
from tests.fakes.firm import Firm

PLAN, PROMISE = "c/act/instalment_plan", "c/act/promise_to_pay"
DISPUTE, PERSON = "c/act/dispute", "c/act/ask_for_person"


@pytest.mark.parametrize(
    ("amount_minor", "code_by", "form", "ways"),
    [
        (12000, Channel.SMS, [PLAN], [PROMISE, DISPUTE, PERSON]),
        (2000, Channel.SMS, [PROMISE], [DISPUTE, PERSON]),
        # After a link and a code in one mailbox, an agreement of this size takes another proof.
        (60000, Channel.EMAIL, [], [PLAN, PROMISE, DISPUTE, PERSON]),
        (300000, Channel.SMS, [], [DISPUTE, PERSON]),
    ],
)
def test_a_page_begins_with_what_settles_the_matter_and_never_with_a_dispute(
    amount_minor: int, code_by: Channel, form: list[str], ways: list[str]
):
    _, customer = contacted(Firm(), amount_minor=amount_minor)
    customer.open(customer.link(Channel.EMAIL))

    customer.prove(code_by)

    assert [each.action for each in customer.page.forms] == form
    assert [each.href for each in customer.page.ways] == ways
