"""Settings for all tests."""

from hypothesis import settings

# The same examples on every run and no clock: a test that fails today fails tomorrow, on a slow machine as on a fast
# one.  To look further: pytest --hypothesis-profile=explore
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile("same")
