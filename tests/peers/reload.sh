# Makes a server reload, and returns when its new process or generation has answered a create: when
# one more is named in LOG, at the beginning of a line.
#
#     sh reload.sh PID SIGNAL LOG
generations() { sed -n 's/ {"name":.*//p' "$1" | sort -u | wc -l; }

before=$(generations "$3")
tries=0
until [ "$(generations "$3")" -gt "$before" ]; do
  case $tries in
    200) exit 1 ;;
    *[02468]0 | 0) kill "-$2" "$1" || exit 1 ;;  # again, as HAProxy loses one while it reloads
  esac
  tries=$((tries + 1))
  sleep 0.1
done
