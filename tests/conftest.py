"""What all tests share: the data beside the checkout, and quiet, small roughs."""

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every machine and every run: what fails, fails for everybody.
settings.register_profile("seeded", derandomize=True, deadline=None, database=None)
settings.load_profile("seeded")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Test data that none of us made; tests that ask for it carry the marker `real`."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the shared test data is not there: {folder.relative_to(ROOT.parent)}")
    return folder
