"""How to talk to a third party is read as strictly as the rest of its file."""

from pathlib import Path

import pytest

from dashboard.providers import RateLimit, load
from dashboard.providers.ways import AccountWay, Granted, Refreshing, Topic
from tests.providers.test_loading import OAUTH, PULSEBAND, SCOPE, refusal, write

WAYS = """\
dialect = "withings"
removal_template = "https://pulseband.example/apps/{client_id}/{account_id}"
data_headers = { X-Key = "{subscription_key}" }
"""
TALK = """\
[account]
told = "call"
url = "https://api.pulseband.example/me"
id = "user.id"
name = ["user.mail"]

[granted]
told = "callback"

[refresh]
rotates = true
days = 90
scope = "pulse"
parameters = { scope = "pulse" }

[revocation]
way = "call"
method = "DELETE"
url = "https://revoke.pulseband.example/users/{account_id}"
ends = "account"
done = [204, 404]
confirmed = false

[[rate_limits]]
requests = 100
seconds = 60

[limit_answer]
reset_header = "X-Reset"
reset = "epoch"

[[failures]]
on = ["data"]
status = [403]
body = { "errors.code" = "gone*", lapsed = true, kind = 7 }
means = "membership_ended"

[[sources]]
name = "pulses"
scopes = ["pulse"]
url = "https://data.pulseband.example/pulses"
since = { parameter = "from", format = "date", first_days = 30, overlap_hours = 48 }
paging = { style = "page", parameter = "page", size = 50 }

[[sources.records]]
kind = "heart_rate"
id = "id"
at = "at"
value = ["bpm"]
details = { zone = "zone" }

[webhook]
handshake = "ping"
account = "user.id"
ended = [{ event = "bye" }]

[webhook.signature]
header = "X-Signature"
algorithm = "sha256"
encoding = "hex"
key = "webhook_secret"

[[webhook.gone]]
kind = "heart_rate"
id = "id"
when = { event = "deleted" }
"""


def test_how_to_talk_to_it_is_read_in_full(tmp_path: Path) -> None:
    write(tmp_path, PULSEBAND + WAYS + SCOPE + OAUTH + 'token_endpoint_auth_method = "client_secret_post"\n' + TALK)

    (one,) = load(tmp_path)

    assert one.account == AccountWay(
        told="call", id="user.id", name=("user.mail",), url="https://api.pulseband.example/me"
    )
    assert one.granted == Granted(told="callback")
    assert one.refreshing == Refreshing(rotates=True, days=90, scope="pulse", parameters=(("scope", "pulse"),))
    assert one.revocation is not None
    assert (one.revocation.done, one.revocation.confirmed) == ((204, 404), False)
    assert one.rate_limits == (RateLimit(requests=100, seconds=60),)
    assert one.failures[0].body == (("errors.code", "gone*"), ("lapsed", True), ("kind", (7,)))
    assert one.sources[0].records[0].details == (("zone", "zone"),)
    assert one.webhook is not None
    assert one.webhook.ended == ((("event", "bye"),),)
    assert one.connectable
    assert one.hosts == {
        "pulseband.example",
        "api.pulseband.example",
        "data.pulseband.example",
        "revoke.pulseband.example",
    }


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('told = "call"', 'told = "answer"', "account.url"),
        ('url = "https://api.pulseband.example/me"\n', "", "account.url"),
        ('told = "callback"', 'told = "call"', "granted.url"),
        ('told = "callback"', 'told = "somewhere"', "granted.told"),
        ('id = "user.id"\nname', 'id = "user..id"\nname', "account.id"),
        ('scope = "pulse"\npara', 'scope = "offline"\npara', "refresh.scope"),
        ('way = "call"', 'way = "rfc7009"', "revocation.url"),
        ('ends = "account"', 'ends = "all"', "revocation.ends"),
        ("{account_id}", "{name}", "revocation.url"),
        ("https://revoke.pulseband.example/users/", "https://{account_id}/", "revocation.url"),
        ("requests = 100", "requests = 0", "rate_limits[1].requests"),
        ('means = "membership_ended"', 'means = "bad"', "failures[1].means"),
        ('on = ["data"]', 'on = ["sync"]', "failures[1].on"),
        ('status = [403]\nbody = { "errors.code" = "gone*", lapsed = true, kind = 7 }\n', "", "failures[1].means"),
        ('scopes = ["pulse"]', 'scopes = ["heart"]', "sources[1].scopes"),
        ('kind = "heart_rate"\nid = "id"\nat', 'kind = "mood"\nid = "id"\nat', "sources[1].records[1].kind"),
        ("first_days = 30, ", "", "sources[1].since.first_days"),
        (', size = 50', "", "sources[1].paging.size"),
        ('style = "page"', 'style = "token"', "sources[1].paging.token"),
        ('format = "date"', 'format = "week"', "sources[1].since.format"),
        ('url = "https://data.pulseband.example/pulses"\n', "", "sources[1].url"),
        ('handshake = "ping"', 'handshake = "knock"', "webhook.handshake"),
        ('account = "user.id"\n', "", "webhook.account"),
        ('key = "webhook_secret"', 'key = "public"', "webhook.signature.key"),
        ('encoding = "hex"', 'encoding = "hex"\nsalt = "s"', "webhook.signature.salt"),
        ('when = { event = "deleted" }', 'when = { event = "" }', "webhook.gone[1].when"),
        ('details = { zone = "zone" }', 'details = { zone = "a b" }', "sources[1].records[1].details"),
    ],
)  # fmt: skip
def test_a_slip_in_how_to_talk_to_it_is_named_by_its_path(tmp_path: Path, before: str, after: str, key: str) -> None:
    assert before in TALK
    write(tmp_path, PULSEBAND + SCOPE + OAUTH + TALK.replace(before, after))

    assert refusal(tmp_path).startswith(f"pulseband.toml: {key}: ")


SUBSCRIPTION = """\
[webhook.subscription]
by = "client"
url = "https://api.pulseband.example/hooks"
client_auth = "headers"
body = { to = "{address}", word = "{secret}", also = [{ kinds = ["pulse"] }] }
topics = [{ body = { kind = "pulse" }, scopes = ["pulse"] }]
ends = "until"
renew_url = "https://hooks.pulseband.example/renew/{id}"

[webhook.public_keys]
headers = ["X-Key"]
url = "https://keys.pulseband.example/keys.json"
"""


def test_how_notices_are_asked_for_is_read_in_full(tmp_path: Path) -> None:
    write(tmp_path, PULSEBAND + SCOPE + OAUTH + TALK + SUBSCRIPTION)

    (one,) = load(tmp_path)

    assert one.webhook is not None
    assert one.webhook.subscription is not None
    assert one.webhook.subscription.topics == (Topic(body=(("kind", "pulse"),), scopes=("pulse",)),)
    assert one.webhook.subscription.body["also"] == [{"kinds": ["pulse"]}]
    assert {f"{name}.pulseband.example" for name in ("api", "hooks", "keys")} < one.hosts
    assert hash(one) == hash(load(tmp_path)[0])


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('client_auth = "headers"\n', "", "client_auth"),
        ('by = "client"', 'by = "grant"', "client_auth"),
        ("example/hooks", "example/{project}/hooks", "url"),
        ('by = "client"', 'by = "everybody"', "by"),
        ('kinds = ["pulse"]', 'kinds = ["{kind}"]', "body"),
        ('scopes = ["pulse"]', 'scopes = ["heart"]', "topics"),
        ('ends = "until"', 'ends = "until"\nsalt = "s"', "salt"),
        ("/renew/{id}", "/renew/{name}", "renew_url"),
    ],
)
def test_a_slip_in_how_notices_are_asked_for_is_named(tmp_path: Path, before: str, after: str, key: str) -> None:
    assert before in SUBSCRIPTION
    write(tmp_path, PULSEBAND + SCOPE + OAUTH + TALK + SUBSCRIPTION.replace(before, after))

    assert refusal(tmp_path).startswith(f"pulseband.toml: webhook.subscription.{key}: ")


def test_a_source_is_there_once(tmp_path: Path) -> None:
    source = TALK[TALK.index("[[sources]]") : TALK.index("[webhook]")]
    write(tmp_path, PULSEBAND + SCOPE + OAUTH + TALK + source)

    assert refusal(tmp_path).startswith("pulseband.toml: sources[2].name: ")


def test_a_way_to_revoke_needs_what_it_names(tmp_path: Path) -> None:
    write(tmp_path, PULSEBAND + OAUTH + '[revocation]\nway = "rfc7009"\nends = "grant"\n')
    assert "needs oauth.revocation_endpoint" in refusal(tmp_path)

    write(tmp_path, PULSEBAND + OAUTH + '[revocation]\nway = "dialect"\nends = "grant"\n')
    assert "none is named" in refusal(tmp_path)


def test_a_dialect_is_one_that_somebody_speaks(tmp_path: Path) -> None:
    write(tmp_path, PULSEBAND + 'dialect = "welsh"\n')

    assert refusal(tmp_path).startswith("pulseband.toml: dialect: write one of:")
