"""What every case table keeps: DynamoDB (moto, as the template makes it) and the one in memory."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.application.ports import (
    NEW,
    Above,
    Absent,
    AbsentOr,
    Below,
    Change,
    Check,
    Condition,
    ConflictError,
    Delete,
    Is,
    Key,
    OneOf,
    Put,
    Table,
    Update,
)
from closeloop.domain.instants import to_text
from tests.fakes.moto_table import moto_table
from tests.fakes.outside import TUESDAY_TEN
from tests.fakes.table import FakeTable

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE, TWO, THREE = Key("P", "A#1"), Key("P", "A#2"), Key("P", "B#1")
NUMBERED = {"n": 5, "word": "five", "yes": True, "nothing": None}


def due(kind: str, at: timedelta, **more: Any) -> dict[str, Any]:
    return {"due_kind": kind, "due_at": to_text(TUESDAY_TEN + at), **more}


def stored(table: Table, key: Key = ONE) -> dict[str, Any] | None:
    (item,) = table.get(key)
    return {name: item[name] for name in item if name not in {"pk", "sk"}} if item else None


class TableContract:
    """Both tables are tested by these words."""

    # --- reading

    def test_what_is_not_there_is_none(self, table: Table):
        assert table.get(ONE) == [None]

    def test_many_are_read_in_the_order_of_the_keys_twice_if_asked_twice(self, table: Table):
        table.write(Put(ONE, {"n": 1}), Put(THREE, {"n": 3}))
        found = table.get(THREE, TWO, ONE, THREE)
        assert [item and item["n"] for item in found] == [3, None, 1, 3]

    def test_an_item_bears_its_key_whatever_was_put_into_it(self, table: Table):
        table.write(Put(ONE, {"pk": "other", "sk": "other", "n": 1}))
        assert table.get(ONE) == [{"pk": "P", "sk": "A#1", "n": 1}]

    def test_a_partition_is_read_in_order_whole_or_by_prefix(self, table: Table):
        for key in (THREE, TWO, ONE, Key("Q", "A#1")):
            table.write(Put(key, {}))
        assert [item["sk"] for item in table.query("P")] == ["A#1", "A#2", "B#1"]
        assert [item["sk"] for item in table.query("P", "A#")] == ["A#1", "A#2"]
        assert table.query("R") == []

    def test_the_newest_come_first_and_no_more_than_asked_for(self, table: Table):
        for number in range(5):
            table.write(Put(Key("P", f"A#{number}"), {}))
        found = table.query("P", "A#", newest_first=True, limit=2)
        assert [item["sk"] for item in found] == ["A#4", "A#3"]

    def test_an_item_past_its_ttl_may_still_be_there_r12(self, table: Table):
        table.write(Put(ONE, {"expires_at": 1}))
        assert stored(table) == {"expires_at": 1}

    def test_what_was_read_is_a_copy(self, table: Table):
        table.write(Put(ONE, {"list": [1]}))
        (item,) = table.get(ONE)
        assert item is not None
        item["list"].append(2)
        assert stored(table) == {"list": [1]}

    # --- values

    @pytest.mark.parametrize(
        "value",
        ["", "Siân ✓", 0, -1, 12_345_678_901_234, True, False, None, [], {}, [1, "a", None, [{}]]],
        ids=repr,
    )
    def test_plain_values_come_back_as_they_were(self, table: Table, value: object):
        table.write(Put(ONE, {"value": value, "map": {"deep": {"value": value}}}))
        back = stored(table)
        assert back is not None
        assert back == {"value": value, "map": {"deep": {"value": value}}}
        assert type(back["value"]) is type(value)

    def test_a_tuple_comes_back_as_a_list(self, table: Table):
        table.write(Put(ONE, {"value": (1, 2)}))
        assert stored(table) == {"value": [1, 2]}

    @pytest.mark.parametrize(
        "value",
        [1.0, float("nan"), b"bytes", {1}, TUESDAY_TEN],
        ids=["float", "nan", "bytes", "set", "instant"],
    )
    def test_other_values_are_refused_floats_above_all(self, table: Table, value: object):
        with pytest.raises(TypeError):
            table.write(Put(ONE, {"deep": [value]}))
        with pytest.raises(TypeError):
            table.update(Update(ONE, set={"value": value}))
        assert table.get(ONE) == [None]

    # --- changes

    def test_a_put_replaces_the_whole_item(self, table: Table):
        table.write(Put(ONE, {"a": 1, "b": 2}))
        table.write(Put(ONE, {"c": 3}))
        assert stored(table) == {"c": 3}

    def test_an_update_sets_removes_and_adds_and_returns_all_of_the_item(self, table: Table):
        table.write(Put(ONE, {"kept": 1, "gone": 2, "count": 3}))
        after = table.update(
            Update(ONE, set={"new": 4}, remove=("gone", "never"), add={"count": 2})
        )
        assert after == {"pk": "P", "sk": "A#1", "kept": 1, "new": 4, "count": 5}
        assert table.get(ONE) == [after]

    def test_an_update_makes_the_item_where_there_is_none(self, table: Table):
        assert table.update(Update(ONE, add={"count": 1})) == {"pk": "P", "sk": "A#1", "count": 1}

    def test_words_that_dynamodb_reserves_are_names_like_any_other(self, table: Table):
        names = {"status": 1, "token": 2, "owner": "x", "count": 4, "size": 5, "state": 6, "at": 7}
        table.write(Update(ONE, set=names, when={"value": Absent(), "name": Absent()}))
        assert stored(table) == names

    def test_a_deleted_item_is_gone_and_deleting_nothing_is_no_fault(self, table: Table):
        table.write(Put(ONE, {}))
        table.write(Delete(ONE))
        table.write(Delete(TWO))
        assert table.get(ONE, TWO) == [None, None]

    def test_a_transaction_names_each_item_once(self, table: Table):
        with pytest.raises(Exception, match=r"once|multiple operations"):
            table.write(Put(ONE, {"n": 1}), Update(ONE, set={"n": 2}))
        assert table.get(ONE) == [None]

    # --- conditions

    @pytest.mark.parametrize(
        "when",
        [
            {"missing": Absent()},
            {"n": Is(5)},
            {"word": Is("five")},
            {"yes": Is(True)},
            {"nothing": Is(None)},
            {"n": OneOf((4, 5))},
            {"n": Below(6)},
            {"word": Below("fivf")},
            {"n": Above(4)},
            {"missing": AbsentOr(Below(1))},
            {"n": AbsentOr(Below(6))},
            {"n": AbsentOr(Is(5))},
            {"word": AbsentOr(OneOf(("four", "five")))},
            {"n": Above(4), "word": Is("five")},
        ],
        ids=repr,
    )
    def test_a_condition_that_holds_lets_the_change_through(self, table: Table, when: Condition):
        table.write(Put(ONE, NUMBERED))
        table.write(Update(ONE, set={"done": True}, when=when))
        assert stored(table) == {**NUMBERED, "done": True}

    @pytest.mark.parametrize(
        "when",
        [
            NEW,
            {"n": Absent()},
            {"n": Is(6)},
            {"n": Is("5")},
            {"missing": Is(1)},
            {"n": OneOf((4, 6))},
            {"missing": OneOf((1,))},
            {"n": Below(5)},
            {"missing": Below(6)},
            {"n": Above(5)},
            {"missing": Above(0)},
            {"n": AbsentOr(Below(5))},
            {"n": Is(5), "word": Is("six")},
        ],
        ids=repr,
    )
    def test_a_condition_that_fails_names_what_stood_in_the_way(
        self, table: Table, when: Condition
    ):
        table.write(Put(ONE, NUMBERED))
        for change in (Put(ONE, {}, when), Update(ONE, set={"n": 0}, when=when), Delete(ONE, when)):
            with pytest.raises(ConflictError) as caught:
                table.write(change)
            assert caught.value.found == {0: {"pk": "P", "sk": "A#1", **NUMBERED}}
        with pytest.raises(ConflictError) as caught:
            table.update(Update(ONE, set={"n": 0}, when=when))
        assert caught.value.found == {0: {"pk": "P", "sk": "A#1", **NUMBERED}}
        assert stored(table) == NUMBERED

    @pytest.mark.parametrize("test", [Is(1), OneOf((1,)), Below(1), Above(1)], ids=repr)
    def test_a_condition_on_what_is_not_there_finds_nothing(self, table: Table, test: Any):
        with pytest.raises(ConflictError) as caught:
            table.update(Update(ONE, add={"n": 1}, when={"n": test}))
        assert caught.value.found == {0: None}
        assert table.get(ONE) == [None]

    # --- all or nothing

    def test_one_failed_condition_undoes_the_whole_transaction(self, table: Table):
        table.write(Put(TWO, {"n": 2}))
        with pytest.raises(ConflictError):
            table.write(
                Put(ONE, {"n": 1}, when=NEW),
                Update(TWO, add={"n": 1}),
                Check(THREE, {"n": Is(1)}),
            )
        assert [stored(table, key) for key in (ONE, TWO, THREE)] == [None, {"n": 2}, None]

    def test_every_refused_change_is_named_by_its_position_and_no_other(self, table: Table):
        table.write(Put(TWO, {"n": 2}))
        changes: list[Change] = [
            Put(ONE, {}, when=NEW),
            Check(TWO, {"n": Is(3)}),
            Delete(THREE, when={"n": Is(1)}),
            Update(Key("P", "C"), set={"n": 1}, when={"n": Absent()}),
        ]
        with pytest.raises(ConflictError) as caught:
            table.write(*changes)
        assert caught.value.found == {1: {"pk": "P", "sk": "A#2", "n": 2}, 2: None}

    def test_a_check_alone_changes_nothing(self, table: Table):
        table.write(Put(ONE, {"n": 1}))
        table.write(Check(ONE, {"n": Is(1)}))
        with pytest.raises(ConflictError) as caught:
            table.write(Check(ONE, {"n": Is(2)}))
        assert caught.value.found == {0: {"pk": "P", "sk": "A#1", "n": 1}}
        assert stored(table) == {"n": 1}

    # --- indexes

    def test_what_is_due_is_found_by_kind_up_to_the_instant_oldest_first(self, table: Table):
        for key, kind, hours in ((ONE, "start#0", 2), (TWO, "start#0", 1), (THREE, "start#1", 1)):
            table.write(Put(key, due(kind, timedelta(hours=hours))))
        at_two = TUESDAY_TEN + timedelta(hours=2)
        assert [item["sk"] for item in table.due("start#0", at_two)] == ["A#2", "A#1"]
        assert [item["sk"] for item in table.due("start#0", at_two, limit=1)] == ["A#2"]
        before = at_two - timedelta(microseconds=1)
        assert [item["sk"] for item in table.due("start#0", before)] == ["A#2"]

    def test_what_is_due_shows_only_what_the_template_projects(self, table: Table):
        seen = due("submission#0", timedelta(), accepted_at="then", case="C", id="S")
        table.write(Put(ONE, {**seen, "evidence": "not for an index"}))
        assert table.due("submission#0", TUESDAY_TEN) == [{"pk": "P", "sk": "A#1", **seen}]

    def test_an_item_that_is_due_no_more_leaves_the_index(self, table: Table):
        table.write(Put(ONE, due("start#0", timedelta())))
        table.write(Update(ONE, remove=("due_kind", "due_at")))
        assert table.due("start#0", TUESDAY_TEN) == []

    def test_an_item_needs_both_attributes_to_be_in_an_index(self, table: Table):
        table.write(Put(ONE, {"due_kind": "start#0", "owner": "disputes"}))
        table.write(Put(TWO, {"due_at": to_text(TUESDAY_TEN)}))
        assert table.due("start#0", TUESDAY_TEN) == []
        assert table.work("disputes") == []

    def test_the_work_of_an_owner_is_shown_whole_the_most_urgent_first(self, table: Table):
        for key, owner, hours in ((ONE, "disputes", 9), (TWO, "disputes", 3), (THREE, "fraud", 1)):
            at = to_text(TUESDAY_TEN + timedelta(hours=hours))
            table.write(Put(key, {"owner": owner, "due_at": at, "context": {"touches": 1}}))
        found = table.work("disputes")
        assert [item["sk"] for item in found] == ["A#2", "A#1"]
        assert found[0]["context"] == {"touches": 1}
        assert [item["sk"] for item in table.work("disputes", limit=1)] == ["A#2"]

    # --- many at once

    def test_of_twenty_that_make_one_item_one_wins_f35(self, table: Table):
        start = threading.Barrier(20)

        def claim(number: int) -> bool:
            start.wait()
            try:
                table.write(Put(ONE, {"by": number}, when=NEW))
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(20) as pool:
            won = list(pool.map(claim, range(20)))
        assert sum(won) == 1
        assert stored(table) == {"by": won.index(True)}

    def test_no_update_of_a_version_is_lost(self, table: Table):
        """Read, decide, write if nobody moved it: each of the eight gets its turn, three times."""
        table.write(Put(ONE, {"version": 0, "sum": 0}))

        def work(number: int) -> None:
            done = 0
            while done < 3:
                item = stored(table)
                assert item is not None
                moved = {"version": item["version"] + 1, "sum": item["sum"] + number}
                change = Update(ONE, set=moved, when={"version": Is(item["version"])})
                try:
                    table.write(change, Put(Key("LOG", f"{item['version']:03d}"), {}, when=NEW))
                except ConflictError:
                    continue
                done += 1

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert stored(table) == {"version": 24, "sum": 3 * sum(range(8))}
        assert len(table.query("LOG")) == 24


class TestInMemory(TableContract):
    @pytest.fixture
    def table(self) -> Table:
        return FakeTable()

    @pytest.mark.parametrize(
        "when",
        [{"yes": Is(1)}, {"yes": OneOf((1, 2))}, {"missing": Is(None)}, {"word": Below(9)}],
        ids=repr,
    )
    def test_values_of_two_kinds_are_never_equal_where_moto_says_they_are(
        self, table: Table, when: Condition
    ):
        """DynamoDB tells true from 1 and a stored null from no attribute; moto 5.2.5 does not."""
        table.write(Put(ONE, NUMBERED))
        with pytest.raises(ConflictError):
            table.write(Update(ONE, set={"n": 0}, when=when))


@pytest.mark.integration
class TestOnDynamoDB(TableContract):
    @pytest.fixture
    def table(self, dynamodb: Any) -> Iterator[Table]:
        with moto_table(dynamodb) as table:
            yield table
