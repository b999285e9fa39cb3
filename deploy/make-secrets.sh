#!/bin/sh
# Makes the secrets that compose.yaml reads, once; each in a file of its own, in a folder that only its owner may open.
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
new turn_password "$(random)"
new turn_conf "listening-port=3478
min-port=49160
max-port=49200
realm=parley
lt-cred-mech
user=parley:$(cat secrets/turn_password)
fingerprint
no-cli
no-tcp-relay
no-multicast-peers
denied-peer-ip=10.0.0.0-10.255.255.255
denied-peer-ip=172.16.0.0-172.31.255.255
denied-peer-ip=192.168.0.0-192.168.255.255
denied-peer-ip=127.0.0.0-127.255.255.255
denied-peer-ip=169.254.0.0-169.254.255.255
allowed-peer-ip=10.89.0.0-10.89.0.255
log-file=stdout
"
new open_webui_key "no key yet"
new open_webui_secret "$(random)"
# The containers are given files, which they read as users of their own; the folder is closed to everybody else here.
chmod 0700 secrets && chmod 0644 secrets/*
echo "Secrets are in $(pwd)/secrets."
