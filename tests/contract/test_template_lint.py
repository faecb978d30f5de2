"""Suppressions excuse what they name and nothing else, and do not outlive their cause."""

from tools.template.lint import Finding, Suppression, judge, suppressions

FOUND = Finding("checkov", "CKV_AWS_117", "SweepFunction", "not in a VPC")
EXCUSE = Suppression("checkov", "CKV_AWS_117", ("SweepFunction",), "nothing here lives in a VPC")


def test_an_excused_finding_is_clean():
    assert judge([FOUND], [EXCUSE]) == []


def test_a_finding_without_an_excuse_fails():
    assert judge([FOUND], []) == ["checkov CKV_AWS_117 SweepFunction: not in a VPC"]


def test_an_excuse_for_one_resource_does_not_excuse_another():
    other = Finding("checkov", "CKV_AWS_117", "MiniAppFunction", "not in a VPC")
    assert judge([FOUND, other], [EXCUSE]) == ["checkov CKV_AWS_117 MiniAppFunction: not in a VPC"]


def test_an_excuse_of_one_linter_does_not_excuse_another():
    other = Finding("cfn-lint", "CKV_AWS_117", "SweepFunction", "not in a VPC")
    assert len(judge([FOUND, other], [EXCUSE])) == 1


def test_an_excuse_that_excuses_nothing_fails():
    (wrong,) = judge([], [EXCUSE])
    assert "nothing finds it" in wrong


def test_every_suppression_gives_a_reason_one_can_argue_with():
    assert all(len(each.reason.split()) >= 8 for each in suppressions())
