from __future__ import annotations

import pytest

# Its asserts say what they compared, as those of tests do.
pytest.register_assert_rewrite("tests.soak.machine")
