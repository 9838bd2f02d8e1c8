#!/bin/sh
# Follows "Add an operation" of CONTRIBUTING.md with one that does not exist: it must take no more
# than the steps there, and what the tests ask of every operation must then be asked of this one.
#
#     sh tests/recipe_test.sh
set -eu
cd "$(dirname "$0")/.."
: "${CXX:=g++}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
git ls-files -z --cached --others --exclude-standard |
  tar --create --null --ignore-failed-read --files-from=- | tar --extract -C "$work"
mkdir "$work/build"
find "$work/tests/pure" -name '*_test.cpp' ! -name models_test.cpp -delete  # the rest is not run here
ln -s "$PWD/build/api" "$work/build/api"
cd "$work"

# before FILE LINE: puts standard input before the first such line
before() {
  cat >"$work/added"
  if ! grep -qxF -- "$2" "$1"; then
    echo "FAILED: $1 has no line: $2"
    exit 1
  fi
  LINE=$2 awk -v added="$work/added" '
    $0 == ENVIRON["LINE"] && !done { while ((getline line < added) > 0) print line; done = 1 }
    { print }' "$1" >"$work/changed"
  mv "$work/changed" "$1"
}

# 1. The header.
before realtimekit.hpp '}  // namespace livestreams' <<'CPP'
/// Gives a livestream another name. There is no such operation.
struct Rename {
  static constexpr Route route = Route::patch("/livestreams/{livestream_id}");
  static constexpr std::string_view promises[] = {"id"};
  using Response = Livestream;

  std::string livestream_id{};
  std::string name{};  ///< required

  REALTIMEKIT_FIELDS(livestream_id, name)
};
CPP

# 2. The sandbox.
before examples/sandbox/livestreams.hpp '}  // namespace sandbox::livestreams' <<'CPP'
inline Answer rename(Store& store, const Call& call) {
  Json& livestream = given(store, call);
  livestream["name"] = object_in(call, {{"name!", "string"}})["name"];
  return success(livestream);
}
CPP
before examples/sandbox/routes.hpp '    {"GET", "/{app_id}/meetings", "meetings.list", meetings::list},' <<'CPP'
    {"PATCH", "/{app_id}/livestreams/{livestream_id}", "livestreams.rename", livestreams::rename},
CPP

# 3. openapi.yaml.
kit='/accounts/{account_id}/realtime/kit/{app_id}'
before tests/api/openapi.yaml "  $kit/livestreams/{livestream_id}/active-livestream-session:" <<'YAML'
    patch:
      operationId: rename_livestream
      requestBody: {required: true, content: {application/json: {schema: *NewLivestream}}}
      responses: {'200': *livestream, 4XX: *error}
YAML

# 4. The list.
sed '$s/$/ \\/' tests/operations.hpp >"$work/list"
echo '  X(livestreams::Rename, "rename_livestream")' >>"$work/list"
mv "$work/list" tests/operations.hpp

passed=0
failed=0
check() {  # check WHAT COMMAND...
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok: $what"
  else
    failed=$((failed + 1))
    tail -n 40 "$work/log"
    echo "FAILED: $what"
  fi
}
build() {
  cmake -S . -B build/cmake -DREALTIMEKIT_BUILD_TESTS=ON -DREALTIMEKIT_BUILD_EXAMPLES=ON \
    -DCMAKE_CXX_COMPILER="$CXX" && cmake --build build/cmake --target "$@"
}
asks_for() {  # asks_for WORDS COMMAND...: which fails, and names the operation
  words=$1
  shift
  if "$@" >"$work/said" 2>&1; then return 1; fi
  cat "$work/said"
  grep -q -- "$words" "$work/said"
}

what='what the steps say compiles'
check build api_tests sandbox pure_tests
what='without its fixtures the tests of the models ask for them'
check asks_for 'livestreams::Rename' build/cmake/pure_tests --source-file='*models_test*'
what='without its call the tests of the API ask for it'
. examples/sandbox.sh
sandbox=build/cmake/sandbox
start_sandbox
trap 'stop_sandbox; rm -rf "$work"' EXIT
check asks_for 'livestreams::Rename' build/cmake/api_tests
stop_sandbox

# 5. Its own test.
before tests/fixtures/models/livestreams.json '  "Enable": {' <<'JSON'
  "Rename": {
    "request": "PATCH {app_id}/livestreams/{livestream_id}", "body": { "name": "name" },
    "required": ["name"], "answers": "Enable"
  },
JSON
before tests/api/api_tests.cpp '  void call_presets() {' <<'CPP'
  void call_rename() {
    using namespace livestreams;
    const Livestream old = call(Create{"old"});
    const Rename rename{old.id, "new"};
    const Livestream renamed = all(rename, {"/id", "/name"});
    found(rename, renamed);
    same<Rename>("name", call(Get{old.id}).livestream.name, renamed.name);
  }

CPP
before tests/api/api_tests.cpp '    call_analytics();' <<'CPP'
    call_rename();
CPP
what='with them it compiles'
check build api_tests
what='the tests of the models pass'
check build/cmake/pure_tests --source-file='*models_test*'
what='it has its row in the tests of the API'
has_row() {  # Cloudflare's SDK alone does not know it
  unset SSL_CERT_FILE
  sh tests/api_test.sh build/cmake/api_tests >"$work/said" 2>&1 || true
  grep FAILED "$work/said" || true
  grep '^summary: ok: livestreams::Rename .*judged  decoded  round trip' "$work/said" &&
    grep '^ok: Prism let' "$work/said" && [ "$(grep -c FAILED "$work/said")" = 1 ]
}
check has_row
echo "$passed passed, $failed failed"
[ $failed = 0 ]
