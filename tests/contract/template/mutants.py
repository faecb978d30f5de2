"""One template for each way of breaking a house rule; the rule beside it must reject it."""

from tests.contract.template.data_mutants import DATA_MUTANTS
from tests.contract.template.edge_mutants import EDGE_MUTANTS
from tests.contract.template.failure_mutants import FAILURES_MUTANTS
from tests.contract.template.function_mutants import FUNCTIONS_MUTANTS
from tests.contract.template.mutant import Mutant
from tests.contract.template.permission_mutants import PERMISSIONS_MUTANTS
from tests.contract.template.shape_mutants import SHAPE_MUTANTS

MUTANTS: tuple[Mutant, ...] = (
    *SHAPE_MUTANTS,
    *PERMISSIONS_MUTANTS,
    *FAILURES_MUTANTS,
    *DATA_MUTANTS,
    *FUNCTIONS_MUTANTS,
    *EDGE_MUTANTS,
)
