"""What a bucket needs beside reading and writing: to be created, to forget abandoned uploads, signed downloads."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import quote, urlsplit

import anyio.to_thread
from minio import Minio
from minio.commonconfig import ENABLED, Filter
from minio.error import MinioException
from minio.lifecycleconfig import AbortIncompleteMultipartUpload, LifecycleConfig, Rule
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from storage.s3_place import S3Place
from storage.store import StoreAway, checked

NO_SUCH_RULE = {"NotImplemented", "MalformedXML", "InvalidArgument", "InvalidRequest"}
"""What servers answer that have no rule for abandoned uploads. MinIO is one: it drops them after a day by itself."""
ALREADY_OURS = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


class MinioBucket:
    """One bucket, as its owner sees it."""

    def __init__(self, place: S3Place, public_endpoint: str | None = None) -> None:
        """Reach the bucket at its endpoint; signed downloads name the public one, if browsers see another address."""
        self.place = place
        self._owner = _client(place, place.endpoint)
        self._signer = _client(place, public_endpoint or place.endpoint)

    async def create(self) -> bool:
        """Create the bucket. Return False if it was there already.

        Raises:
            StoreAway: the server cannot be reached or does not allow it.
        """
        return await anyio.to_thread.run_sync(self._create)

    async def forget_abandoned_uploads(self, days: int = 1) -> bool:
        """Let the server drop parts of uploads that were never finished. Return False if it knows no such rule.

        Raises:
            StoreAway: the server cannot be reached or does not allow it.
        """
        return await anyio.to_thread.run_sync(self._forget, days)

    def signed_download(self, key: str, lifetime: timedelta, filename: str | None = None) -> str:
        """Return an address that whoever has it may read until the lifetime (at most 7 days) is over."""
        name = "/".join(filter(None, (self.place.prefix, checked(key))))
        said: dict[str, str | list[str] | tuple[str]] | None = None
        if filename:
            said = {"response-content-disposition": f"attachment; filename*=UTF-8''{quote(filename)}"}
        return str(self._signer.presigned_get_object(self.place.bucket, name, lifetime, response_headers=said))

    def _create(self) -> bool:
        with _mapped(f"create {self.place}"):
            if self._owner.bucket_exists(self.place.bucket):
                return False
            try:
                self._owner.make_bucket(self.place.bucket, self.place.region)
            except MinioException as error:
                if getattr(error, "code", None) not in ALREADY_OURS:
                    raise
                return False
            return True

    def _forget(self, days: int) -> bool:
        rule = Rule(
            status=ENABLED,
            rule_filter=Filter(prefix=""),
            rule_id="abandoned-uploads",
            abort_incomplete_multipart_upload=AbortIncompleteMultipartUpload(days_after_initiation=days),
        )
        with _mapped(f"set a rule for {self.place}"):
            try:
                self._owner.set_bucket_lifecycle(self.place.bucket, LifecycleConfig([rule]))
            except MinioException as error:
                if getattr(error, "code", None) not in NO_SUCH_RULE:
                    raise
                return False
            return True


def _client(place: S3Place, endpoint: str) -> Minio:
    # The package's own pool tries a dead server for minutes.
    pool = PoolManager(timeout=Timeout(connect=5, read=30), retries=Retry(total=2, backoff_factor=0.2))
    return Minio(
        urlsplit(endpoint).netloc,
        access_key=place.access_key,
        secret_key=place.secret_key,
        region=place.region,
        secure=endpoint.startswith("https://"),
        http_client=pool,
    )


@contextmanager
def _mapped(what: str) -> Iterator[None]:
    """Raise what the package raises as an error of the store."""
    try:
        yield
    except (MinioException, HTTPError, ValueError) as error:
        reason = getattr(error, "code", None) or type(error).__name__
        raise StoreAway(f"Cannot {what}: {reason}. Check the address, the name and the keys.") from error
