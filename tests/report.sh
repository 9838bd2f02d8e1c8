# For scripts that check compilations; to be sourced.
failures=0

# report STATUS TEXT: prints the line, and the start of $out/log if it failed.
report() {
  if [ "$1" -eq 0 ]; then
    echo "ok: $2"
  else
    echo "FAILED: $2"
    head -n 30 "$out/log" | sed 's/^/    /'
    failures=$((failures + 1))
  fi
}
