"""Secrets in files are read again."""

from pathlib import Path

from api.rotated import as_now, database_password, store_keys
from api.settings import Settings


def test_a_secret_is_what_its_file_says_now(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("one\n")
    settings = Settings(data=tmp_path, store_access_key="us", store_secret_key="one")
    keys = store_keys(settings, {"PARLEY_STORE_SECRET_KEY__FILE": str(file)})
    assert keys() == ("us", "one")
    file.write_text("two\n")
    assert keys() == ("us", "two")
    file.write_text("")
    assert keys() == ("us", "two"), "a file that is being written says nothing"
    file.unlink()
    assert keys() == ("us", "two")


def test_what_has_no_file_stays(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database="postgresql+psycopg://parley:word@db/parley")
    assert as_now(settings, "node", {})() == ""
    assert database_password(settings, {})() == "word"
    assert store_keys(settings, {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})() == ("a", "b")


def test_the_password_of_the_database_comes_with_its_address(tmp_path: Path) -> None:
    file = tmp_path / "address"
    file.write_text("postgresql+psycopg://parley:new@db/parley")
    settings = Settings(data=tmp_path, database="postgresql+psycopg://parley:old@db/parley")
    assert database_password(settings, {"PARLEY_DATABASE__FILE": str(file)})() == "new"
