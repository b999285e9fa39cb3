"""`s3://bucket/prefix?endpoint=http://minio:9000` -> where a bucket is and how to get in."""

import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import msgspec

if TYPE_CHECKING:
    from obstore.store import S3Config

REGION = "us-east-1"
"""What MinIO, Swift and Ceph call the only region they have."""

OPTIONS = ("endpoint", "region", "encryption", "kms_key")
ENCRYPTIONS = ("", "AES256", "aws:kms", "aws:kms:dsse")


class S3Place(msgspec.Struct, frozen=True, kw_only=True):
    """A bucket, and the keys that open it."""

    bucket: str
    """Name of the bucket."""
    prefix: str = ""
    """Before every key; no slash at its ends; empty for none."""
    endpoint: str
    """Address of the server, http or https."""
    region: str = REGION
    """Name of the region, as signatures need it."""
    access_key: str
    """Whose key it is."""
    secret_key: str
    """The key; never shown."""
    encryption: str = ""
    """How the server encrypts what it keeps: AES256, aws:kms, aws:kms:dsse; empty leaves it to the bucket's rule."""
    kms_key: str = ""
    """Key that it uses for that; empty takes the bucket's."""

    def __repr__(self) -> str:
        """Where it is, without the keys."""
        return f"S3Place({self})"

    def __str__(self) -> str:
        """Where it is, for messages."""
        return f"the bucket {self.bucket} at {self.endpoint}"

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is."""
        return self.endpoint.startswith("https://")

    @property
    def encryption_config(self) -> "S3Config":
        """What obstore is told of encryption."""
        told: S3Config = {}
        if self.encryption:
            told["server_side_encryption"] = self.encryption
        if self.kms_key:
            told["sse_kms_key_id"] = self.kms_key
        return told

    @classmethod
    def parse(cls, url: str, access_key: str | None = None, secret_key: str | None = None) -> "S3Place":
        """Read an address; keys that are not given come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.

        Raises:
            ValueError: the address has no bucket or an unknown option, or there are no keys.
        """
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        unknown = set(options) - set(OPTIONS)
        if unknown:
            raise ValueError(f"An s3 address takes {', '.join(OPTIONS)}, not {min(unknown)!r}.")
        if options.get("encryption", "") not in ENCRYPTIONS:
            raise ValueError(f"A bucket encrypts with {', '.join(ENCRYPTIONS[1:])}, not {options['encryption']!r}.")
        if not parts.netloc or "@" in parts.netloc:
            raise ValueError("An s3 address reads s3://bucket?endpoint=http://host:9000, without keys in it.")
        region = options.get("region", REGION)
        endpoint = options.get("endpoint", f"https://s3.{region}.amazonaws.com").rstrip("/")
        if not endpoint.startswith(("http://", "https://")):
            raise ValueError(f"The endpoint {endpoint!r} begins neither with http:// nor with https://.")
        access, secret = (
            access_key or os.environ.get("AWS_ACCESS_KEY_ID"),
            secret_key or os.environ.get("AWS_SECRET_ACCESS_KEY"),
        )
        if not access or not secret:
            raise ValueError(f"The bucket {parts.netloc} needs keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
        return cls(
            bucket=parts.netloc,
            prefix=parts.path.strip("/"),
            endpoint=endpoint,
            region=region,
            access_key=access,
            secret_key=secret,
            encryption=options.get("encryption", ""),
            kms_key=options.get("kms_key", ""),
        )
