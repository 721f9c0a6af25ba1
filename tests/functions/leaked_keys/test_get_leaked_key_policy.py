"""GET /leaked-key-policy: the account's choice, or the default."""

from tests.functions.callers import OTHER_ACCOUNT, admin
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_default_policy_disables_exposed_keys(cloud: Cloud) -> None:
    before = cloud.contents()
    response = call("get_leaked_key_policy", admin())
    assert (response.status, response.body) == (200, {"action": "disable"})
    assert cloud.contents() == before


def test_chosen_policy_applies_to_its_own_account_only() -> None:
    call("put_leaked_key_policy", admin(), body={"action": "tell"})
    assert call("get_leaked_key_policy", admin()).body == {"action": "tell"}
    assert call("get_leaked_key_policy", admin(OTHER_ACCOUNT)).body == {"action": "disable"}
