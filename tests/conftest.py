"""What tests stand on. Each part has its own file in tests/fixtures."""

# In this order: each stands on the ones before it, and pytest must meet a file before another imports it.
pytest_plugins = [
    "tests.fixtures.order",
    "tests.fixtures.room",
    "tests.fixtures.servers",
    "tests.fixtures.databases",
    "tests.fixtures.closing",
    "tests.fixtures.application",
    "tests.fixtures.live",
    "tests.fixtures.real_portal",
    "tests.fixtures.chat_rig",
]
