#!/usr/bin/env bash
# Makes what deploy/compose/suite.yaml needs and keeps to itself, below deploy/compose/secrets: passwords, addresses of databases that have them in it, and
# the certificates and keys of the processes. What is there already stays. What was agreed with the message gateway is put into secrets/message-gateway by
# whoever agreed it; run this again after that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
umask 077
mkdir -p secrets backups
word() { head -c 24 /dev/urandom | base64 | tr -d '/+=\n'; }
[[ -e secrets/postgres ]] || word > secrets/postgres
[[ -e secrets/password-redis ]] || word > secrets/password-redis
printf 'redis://:%s@redis:6379' "$(cat secrets/password-redis)" > secrets/redis
printf 'requirepass %s\nsave ""\nappendonly no\n' "$(cat secrets/password-redis)" > secrets/redis.conf
for service in directory hotline attendant agency; do
  [[ -e secrets/password-$service ]] || word > "secrets/password-$service"
  printf 'postgres://%s:%s@postgres:5432/%s?sslmode=disable' "$service" "$(cat "secrets/password-$service")" "$service" > "secrets/$service.dsn"
done
if [[ ! -d secrets/trust ]]; then
  go build -C "$root" -o "$root/bin/throughtrain" ./services/standalone/cmd/throughtrain
  "$root/bin/throughtrain" trust "$PWD/secrets/trust"
fi
# The processes run as 65532, which only root can give files to; Redis' image runs as 999.
if [[ $(id -u) == 0 ]]; then
  chown -R 65532:65532 secrets/*.dsn secrets/redis secrets/trust
  chown 999 secrets/redis.conf secrets/postgres secrets/password-*
  chown 65532:65532 backups
  [[ ! -e secrets/message-gateway ]] || chown 65532:65532 secrets/message-gateway
fi
