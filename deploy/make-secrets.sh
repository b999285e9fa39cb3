#!/bin/sh
# Makes the secrets that compose.yaml reads, once; each in a file of its own that only its owner may read.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
new() { [ -s "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"; }
new postgres_password "$(random)"
new minio_user "parley"
new minio_password "$(random)"
new database_url "postgresql+psycopg://parley:$(cat secrets/postgres_password)@postgres/parley"
# The containers read them as users of their own; the folder stays closed to others.
chmod 0711 . secrets && chmod 0444 secrets/*
echo "Secrets are in $(pwd)/secrets."
