# Sends a signal to a server, and returns when what it has started answers creates: when LOG has a
# create from another one.
#
#     sh reload.sh PID SIGNAL LOG
generations() { sed -n 's/ {"name":.*//p' "$1" | sort -u | wc -l; }

before=$(generations "$3")
kill "-$2" "$1" || exit 1
tries=0
until [ "$(generations "$3")" -gt "$before" ]; do
  tries=$((tries + 1))
  if [ $tries = 200 ]; then exit 1; fi
  sleep 0.1
done
