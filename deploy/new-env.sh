#!/bin/sh
# Prints .env.example with fresh secrets: deploy/new-env.sh > .env
set -eu
umask 077
private=$(openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -outform DER | base64 | tr -d '\n')
public=$(printf '%s' "$private" | base64 -d | openssl pkey -inform DER -pubout -outform DER | base64 | tr -d '\n')
secret() { openssl rand -hex 24; }

while IFS= read -r line; do
  case $line in
    IDENTITY_PRIVATE_KEY=) line="$line$private" ;;
    IDENTITY_PUBLIC_KEY=) line="$line$public" ;;
    STRIPE_SECRET_KEY=) line="${line}sk_test_$(secret)" ;;
    STRIPE_WEBHOOK_SECRET=) line="${line}whsec_$(secret)" ;;
    SMTP_USER= | SMTP_PASSWORD=) ;;
    *_PASSWORD= | *_TOKEN=) line="$line$(secret)" ;;
  esac
  printf '%s\n' "$line"
done < "$(dirname "$0")/../.env.example"
