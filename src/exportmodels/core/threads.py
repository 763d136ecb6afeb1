"""How many threads of the linear-algebra library a fit may use."""

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

# Below this many rows the library starts no threads for products as narrow as these.
_FEW_ROWS = 2_000
# From this many columns on a block of rows is enough work for several threads.
_WIDE = 50


@cache
def _controller() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def narrow(rows: int, columns: int) -> AbstractContextManager[object]:
    """Return a context in which products of tall and narrow blocks run on one thread.

    A block of rows with a few columns is too little work to share: waiting for each other, threads gain nothing on an
    idle machine and lose an order of magnitude on a busy one.
    """
    if rows < _FEW_ROWS or columns >= _WIDE:
        return nullcontext()
    return _controller().limit(limits=1, user_api="blas")
