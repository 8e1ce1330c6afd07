#!/bin/sh
# Makes the Secrets that the manifests refer to, in the namespace marketplace, from the values of a .env file
# (deploy/new-env.sh > .env; put the keys of your Stripe account and your mail server's user into it):
#   deploy/kubernetes/create-secrets.sh .env
set -eu
env=${1:?which .env file}
value() { sed -n "s/^$1=//p" "$env"; }
secret() {
  name=$1
  shift
  kubectl create secret generic "$name" --namespace marketplace --dry-run=client --output yaml "$@" | kubectl apply --filename -
}
database() {
  secret "$1-database" --type kubernetes.io/basic-auth --from-literal username="$2" --from-literal password="$(value "$3")"
}

kubectl create namespace marketplace --dry-run=client --output yaml | kubectl apply --filename -
database accreditation accreditation ACCREDITATION_DATABASE_PASSWORD
database catalog catalog CATALOG_DATABASE_PASSWORD
database gateway gateway GATEWAY_DATABASE_PASSWORD
database pooled-orders pooled_orders POOLED_ORDERS_DATABASE_PASSWORD
database subsidies subsidies SUBSIDIES_DATABASE_PASSWORD
secret administrator --from-literal email="$(value MARKETPLACE_ADMIN_EMAIL)" --from-literal password="$(value MARKETPLACE_ADMIN_PASSWORD)"
secret app-api-token --from-literal token="$(value APP_API_TOKEN)"
secret dapr-api-token --from-literal token="$(value DAPR_API_TOKEN)"
secret identity --from-literal private-key="$(value IDENTITY_PRIVATE_KEY)" --from-literal public-key="$(value IDENTITY_PUBLIC_KEY)"
secret openid --from-literal client-secret="$(value OPENID_CLIENT_SECRET)"
secret smtp --from-literal user="$(value SMTP_USER)" --from-literal password="$(value SMTP_PASSWORD)"
secret stripe --from-literal secret-key="$(value STRIPE_SECRET_KEY)" --from-literal webhook-secret="$(value STRIPE_WEBHOOK_SECRET)"
