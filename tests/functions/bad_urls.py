"""Endpoint URLs that every webhook must refuse."""

OWN_URL = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/webhooks/1/deliveries/2/retry"
"""The host that receives the requests of events/."""

BAD_URLS: tuple[object, ...] = (
    "https://169.254.169.254/latest/meta-data/",
    "https://127.0.0.1/",
    "https://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
    "https://[::1]/",
    "https://[fd00:ec2::254]/",
    "https://[::ffff:169.254.169.254]/",
    "https://10.0.0.1/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f.1/",
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "https://user:pass@hooks.example.com/",
    "https://user@hooks.example.com/",
    "https://private.example.com/",
    "https://metadata.example.com/",
    "https://half-private.example.com/",
    "https://loopback.example.com/",
    "https://no-such-name.example.com/",
    "https://localhost/",
    "https://hooks.example.com/#fragment",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/" + "a" * (3_000 - len("https://hooks.example.com/")),
    "https://hooks.example.com:0/",
    "https://017700000001/",
    "https://127.1/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://☃.example.com/",  # IDNA 2008 does not allow symbols
    OWN_URL,
    "hooks.example.com",
    "https://",
    "javascript:alert(1)",
)
