"""DynamoDB's own rules for sizes and units, against the examples of its documentation."""

from typing import Any

import pytest

from tools.bench.capacity import item_bytes, read_units, write_units

Json = dict[str, Any]


def item(size: int) -> Json:
    """An item of that many bytes."""
    return {"pk": {"S": "x" * (size - 2)}}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "über"}, 5),
        ({"N": "1200"}, 2),
        ({"N": "-27.5"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": [{"S": "ab"}, {"N": "7"}]}, 3 + 2 + 2 + 2),
        ({"M": {"a": {"S": "b"}}}, 3 + 1 + 2),
        ({"SS": ["ab", "c"]}, 3),
        ({"B": b"1234"}, 4),
    ],
)
def test_a_value_counts_as_dynamodb_counts_it(value: Json, size: int):
    assert item_bytes({"name": value}) == len("name") + size


@pytest.mark.parametrize(("size", "units"), [(4096, 1), (4097, 2), (8192, 2)])
def test_a_strong_read_costs_a_unit_for_each_four_kilobytes(size: int, units: float):
    asked = {"ConsistentRead": True}
    assert read_units("GetItem", asked, {"Item": item(size)}) == units
    assert read_units("GetItem", {}, {"Item": item(size)}) == units / 2


def test_looking_for_what_is_not_there_costs_a_unit():
    assert read_units("GetItem", {"ConsistentRead": True}, {}) == 1


def test_a_batch_rounds_each_item_up_and_a_query_only_the_sum():
    keys = {"Keys": [{}, {}, {}], "ConsistentRead": True}
    batch = {"Responses": {"cases": [item(100), item(5000)]}}
    assert read_units("BatchGetItem", {"RequestItems": {"cases": keys}}, batch) == 1 + 2 + 1
    found = {"Items": [item(100), item(200)]}
    assert read_units("Query", {"ConsistentRead": True}, found) == 1
    assert read_units("Query", {"ConsistentRead": True}, {"Items": []}) == 1


def test_a_transaction_s_units_are_added_over_its_tables():
    one = {"ConsumedCapacity": {"CapacityUnits": 3.0}}
    several = {"ConsumedCapacity": [{"CapacityUnits": 14.0}, {"CapacityUnits": 2.0}]}
    assert write_units(one) == 3
    assert write_units(several) == 16
