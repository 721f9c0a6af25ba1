"""The verdict on a key's text: what the store is asked, and how its no is read."""

import pytest

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.verification import Code, Question, Refusal, Verdict, reason, verify
from tests.samples import MILLISECOND, NOW, PREFIX, SECOND, api_key, key_text

KEY = api_key(scopes=("orders:read",))
TEXT = key_text(KEY)


class ScriptedChecks:
    """A store that gives one answer to every question, and keeps the questions."""

    def __init__(self, answer: ApiKey | Refusal | None) -> None:
        self.answer = answer
        self.questions: list[Question] = []

    def count_use(self, question: Question) -> ApiKey | Refusal | None:
        self.questions.append(question)
        return self.answer


def _verdict(answer: ApiKey | Refusal | None, *, required: tuple[str, ...] = ("orders:write",)) -> Verdict:
    return verify(TEXT, prefix=PREFIX, required_scopes=required, now=NOW, checks=ScriptedChecks(answer))


def test_a_key_that_the_store_accepts_is_valid() -> None:
    verdict = _verdict(KEY)

    assert verdict == Verdict("VALID", KEY)
    assert verdict.valid


def test_the_store_is_asked_once_for_id_hash_and_scopes() -> None:
    checks = ScriptedChecks(KEY)

    verify(TEXT, prefix=PREFIX, required_scopes=("orders:read",), now=NOW, checks=checks)

    assert checks.questions == [Question(KEY.id, hash_key_text(TEXT), ("orders:read",), NOW)]


@pytest.mark.parametrize("text", ["", "lh_live_", TEXT[:-1], TEXT[:-1] + "!", TEXT.upper(), "Bearer " + TEXT])
def test_what_cannot_be_a_key_is_not_found_and_the_store_is_not_asked(text: str) -> None:
    checks = ScriptedChecks(KEY)

    verdict = verify(text, prefix=PREFIX, required_scopes=(), now=NOW, checks=checks)

    assert verdict == Verdict("NOT_FOUND")
    assert checks.questions == []


def test_a_key_that_is_not_there_is_not_found() -> None:
    assert _verdict(None) == Verdict("NOT_FOUND")


@pytest.mark.parametrize("status", ["active", "revoked", "disabled", "expired"])
def test_whoever_does_not_know_the_secret_hears_nothing_of_the_key(status: Status) -> None:
    key = api_key(stored_status=status, expires_at=NOW - SECOND)

    assert _verdict(Refusal(key, "unknown", NOW - SECOND)) == Verdict("NOT_FOUND")


@pytest.mark.parametrize(("status", "code"), [("revoked", "REVOKED"), ("disabled", "DISABLED"), ("expired", "EXPIRED")])
@pytest.mark.parametrize("secret", ["current", "previous"])
def test_a_keys_end_is_told_to_whoever_knows_a_secret_of_it(status: Status, code: Code, secret: str) -> None:
    key = api_key(stored_status=status)

    assert _verdict(Refusal(key, secret, NOW + SECOND)) == Verdict(code, key)  # type: ignore[arg-type]


def test_a_key_that_the_sweep_has_not_seen_yet_is_expired() -> None:
    key = api_key(expires_at=NOW)

    assert _verdict(Refusal(key, "current", None)).code == "EXPIRED"


def test_revoked_is_told_before_expired() -> None:
    key = api_key(stored_status="revoked", expires_at=NOW - SECOND)

    assert _verdict(Refusal(key, "current", None)).code == "REVOKED"


def test_a_previous_secret_is_expired_from_the_moment_its_grace_ends() -> None:
    assert _verdict(Refusal(KEY, "previous", NOW)).code == "EXPIRED"


def test_a_previous_secret_in_its_grace_lacks_only_the_scope() -> None:
    assert _verdict(Refusal(KEY, "previous", NOW + MILLISECOND)).code == "INSUFFICIENT_SCOPE"


def test_an_active_key_with_its_current_secret_lacks_only_the_scope() -> None:
    assert _verdict(Refusal(KEY, "current", None)) == Verdict("INSUFFICIENT_SCOPE", KEY)


def test_only_valid_is_valid() -> None:
    codes: tuple[Code, ...] = ("NOT_FOUND", "REVOKED", "DISABLED", "EXPIRED", "INSUFFICIENT_SCOPE")

    assert [code for code in codes if Verdict(code).valid] == []


def test_a_question_does_not_show_the_hash() -> None:
    assert repr(hash_key_text(TEXT)) not in repr(Question(KEY.id, hash_key_text(TEXT), (), NOW))


def _reason(presented: Refusal, *required: str) -> Code | None:
    return reason(presented, Question(presented.key.id, hash_key_text(TEXT), required, NOW))


def test_there_is_no_reason_to_refuse_a_key_that_holds_all_that_is_required() -> None:
    assert (
        _reason(Refusal(api_key(scopes=("orders:*", "laps:read")), "current", None), "orders:write", "laps:read")
        is None
    )


def test_one_missing_scope_of_many_is_a_reason() -> None:
    assert _reason(Refusal(KEY, "current", None), "orders:read", "orders:write") == "INSUFFICIENT_SCOPE"


def test_there_is_no_reason_to_refuse_a_previous_secret_in_its_grace() -> None:
    assert _reason(Refusal(KEY, "previous", NOW + MILLISECOND)) is None


def test_a_lacking_scope_is_not_told_of_a_key_that_has_ended() -> None:
    assert _reason(Refusal(api_key(stored_status="revoked"), "current", None), "orders:write") == "REVOKED"
