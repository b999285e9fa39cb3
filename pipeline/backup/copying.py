"""A file of one store -> the same file of another, and the digest of what went over."""

import hashlib

from pipeline.backup.shape import BackupError, CopiedFile
from storage.store import Store


async def copy_out(source: Store, key: str, target: Store, to: str, name: str) -> CopiedFile:
    """Copy a file, and return what was copied.

    Raises:
        NotStored: it is gone, or was replaced meanwhile; nothing was written.
    """
    digest, size = hashlib.sha256(), 0
    async with target.open_writer(to) as writer:
        async for block in source.stream(key):
            digest.update(block)
            size += len(block)
            await writer.write(block)
    return CopiedFile(name, size, digest.hexdigest())


async def copy_back(source: Store, key: str, target: Store, to: str, file: CopiedFile) -> None:
    """Copy a file that must be what the backup says.

    Raises:
        BackupError: it is not; nothing was written.
        NotStored: it is not there.
    """
    digest = hashlib.sha256()
    async with target.open_writer(to) as writer:
        async for block in source.stream(key):
            digest.update(block)
            await writer.write(block)
        if digest.hexdigest() != file.sha256:
            raise BackupError(f"{key} of the backup is damaged. Restore another backup.")
