"""GET /leaked-key-policy: what the account has chosen, and the default where it has not."""

from tests.functions.callers import OTHER_ACCOUNT, admin
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_an_account_that_has_not_chosen_has_its_leaked_keys_disabled(cloud: Cloud) -> None:
    before = cloud.contents()
    response = call("get_leaked_key_policy", admin())
    assert (response.status, response.body) == (200, {"action": "disable"})
    assert cloud.contents() == before


def test_the_policy_is_the_one_that_was_chosen_and_the_accounts_own() -> None:
    call("put_leaked_key_policy", admin(), body={"action": "tell"})
    assert call("get_leaked_key_policy", admin()).body == {"action": "tell"}
    assert call("get_leaked_key_policy", admin(OTHER_ACCOUNT)).body == {"action": "disable"}
