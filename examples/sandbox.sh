# To be sourced by scripts: runs the sandbox in the background until the script ends.
#
#     sandbox=PATH                  the program
#     start_sandbox [OPTION]...     returns once it listens; sets the environment for clients
#     stop_sandbox

sandbox_pid=

start_sandbox() {
  sandbox_log=$(mktemp)
  "$sandbox" --tls "$@" >"$sandbox_log" 2>&1 &
  sandbox_pid=$!
  trap stop_sandbox EXIT
  trap 'exit 1' HUP INT TERM
  until grep -q '^sandbox: token' "$sandbox_log"; do
    if ! kill -0 $sandbox_pid 2>/dev/null; then
      cat "$sandbox_log" >&2
      return 1
    fi
    sleep 0.1
  done
  CLOUDFLARE_BASE_URL=$(sed -n 's/^sandbox: base URL //p' "$sandbox_log")
  SSL_CERT_FILE=$(sed -n 's/^sandbox: CA certificate //p' "$sandbox_log")
  CLOUDFLARE_API_TOKEN=sandbox-token
  CLOUDFLARE_ACCOUNT_ID=sandbox-account
  REALTIMEKIT_APP_ID=sandbox-app
  no_proxy=localhost
  export CLOUDFLARE_BASE_URL SSL_CERT_FILE no_proxy
  export CLOUDFLARE_API_TOKEN CLOUDFLARE_ACCOUNT_ID REALTIMEKIT_APP_ID
}

stop_sandbox() {
  if [ -z "$sandbox_pid" ]; then return; fi
  kill $sandbox_pid 2>/dev/null || true
  wait $sandbox_pid 2>/dev/null || true
  rm -f "$sandbox_log"
  sandbox_pid=
}
