"""Settings that every test runs under. Fixtures belong to the folder whose tests use them."""

import os

from hypothesis import HealthCheck, settings

# Timings never decide a test here, so no profile has a deadline.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples on every run: a red build can be repeated, and means the change broke it.
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
# Hours, when wanted: HYPOTHESIS_PROFILE=thorough make test T=tests/properties
settings.register_profile("thorough", settings.get_profile("local"), max_examples=5_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "local")
)
