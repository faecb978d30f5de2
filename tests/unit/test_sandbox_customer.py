"""The customer over HTTP reads pages as a browser does, and what is built and deployed is told."""

from pathlib import Path

import pytest

from sandbox import forms
from sandbox.build import fingerprint
from sandbox.cloud import Deployment
from sandbox.deploy import Samconfig
from sandbox.place import CannotStartError, Place, from_environment

PAGE = """
<h1>How to
  <em>put it right</em></h1><title>not words</title><style>p {}</style>
<form method="post" action="/c/act/instalment_plan">
  <input type="hidden" name="csrf" value="t1"><input name="reason" value="">
  <label><input type="radio" name="choice" value="two"> Two</label>
  <label><input type="radio" name="choice" value="three"> Three</label>
  <select name="day"><option value="1">1st<option value="5" selected>5th</select>
  <button name="go" value="yes">Agree</button>
</form>
<a href="/c/act/dispute">Something is wrong</a>
"""


def test_a_form_is_read_with_what_it_would_send_and_what_may_be_chosen() -> None:
    content = forms.read(PAGE)
    (form,) = content.forms
    assert (form.method, form.action) == ("POST", "/c/act/instalment_plan")
    assert form.fields == {"csrf": "t1", "reason": "", "day": "5"}
    assert form.choices == {"choice": ["two", "three"], "day": ["1", "5"]}
    assert form.buttons == [("go", "yes")]
    assert content.links == ["/c/act/dispute"]
    assert content.headings == ["How to put it right"]
    assert content.text == "How to put it right Two Three 1st 5th Agree Something is wrong"


def test_the_fixed_parameters_come_from_samconfig_with_their_blanks() -> None:
    parameters = {"stack_name": "closeloop", "parameter_overrides": ["A=1", "B='two words'"]}
    settings = Samconfig({"deploy": {"parameters": parameters}})
    assert settings.parameters == {"A": "1", "B": "two words"}
    assert settings.stack == "closeloop"


def test_a_stack_without_its_outputs_is_named_by_what_it_lacks() -> None:
    with pytest.raises(CannotStartError, match="TableName"):
        Deployment.of({"ApiId": "a", "ApiStage": "live"})


def test_a_day_of_thirty_seconds_divides_gaps_by_2880() -> None:
    assert Place(8080, 4566, 30).time_scale == 2880


def test_a_build_is_told_apart_by_content_and_not_by_bytecode(tmp_path: Path) -> None:
    folder = tmp_path / "functions" / "open_case"
    folder.mkdir(parents=True)
    (folder / "handler.py").write_text("one")
    first = fingerprint(tmp_path)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "handler.pyc").write_text("bytecode")
    assert fingerprint(tmp_path) == first
    (folder / "handler.py").write_text("two")
    assert fingerprint(tmp_path) != first


def test_a_port_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_PORT", "eighty")
    with pytest.raises(CannotStartError, match="SANDBOX_PORT"):
        from_environment(fixed_ports=True, day_s=30)


def test_missing_tools_are_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match="make setup"):
        Place(8080, 4566, 30, root=tmp_path).require()
