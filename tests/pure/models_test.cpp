// All operations against what is published of them. That is in tests/fixtures/models/, with values
// of our own: of each operation the request with all its parameters, and its answers in every form.
#include "../operations.hpp"
#include "../sample.hpp"
#include "support.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace support;
using nlohmann::json;

namespace {

// ---- The table: what is done with each operation.

struct Decoded {
  bool ok;
  std::string message;  // of the error
  std::string text;     // of the model, printed
};

template <class Op> Decoded decode(const std::string& body) {
  const auto result = rtk::from_http<Op>(answer(200, body));
  return {result.has_value(), result.error().message, result ? rtk::to_string(*result) : ""};
}

// Asks for nothing that an answer must hold, so that it shows what is left without it.
template <class T> struct Reader {
  static constexpr rtk::Route route{rtk::Method::get, "/", rtk::Repeat::harmless};
  static constexpr rtk::NoPromises promises{};
  using Response = T;
  template <class Fields> static void fields(Fields&) {}
};

using Names = std::set<std::string>;

// Gives fields values that tell where they come from: their own name, 7 or true.
struct Fill {
  std::string name;

  void operator()(std::string& value) const { value = name; }
  void operator()(rtk::Secret& value) const { value = name; }
  void operator()(rtk::Timestamp& value) const { value = name; }
  void operator()(rtk::RawJson& value) const { value = "{\"key\":true}"; }
  void operator()(bool& value) const { value = true; }
  void operator()(int& value) const { value = 7; }
  void operator()(std::int64_t& value) const { value = 7; }
  void operator()(double& value) const { value = 7; }
  template <class T> void operator()(std::optional<T>& value) const { (*this)(value.emplace()); }
  template <class T> void operator()(std::vector<T>& value) const { (*this)(value.emplace_back()); }
  template <class T> void operator()(std::pair<std::string, T>& value) const {
    value.first = "key";
    (*this)(value.second);
  }
  template <class T> void operator()(T& value) const;
};

template <class T> struct FillFields {
  T& object;
  const Names* chosen = nullptr;  // null: all
  std::string_view left{};        // of the names that REALTIMEKIT_FIELDS gives

  template <class Owner, class M>
  void operator()(std::string_view name, M Owner::*member, rtk::Role = rtk::Role::plain) const {
    fill(name, object.*member);
  }
  FillFields& names(std::string_view list) { return left = list, *this; }
  template <class... M> void members(const M&... member) {
    (fill(rtk::detail::next_name(left), const_cast<M&>(member)), ...);
  }

  template <class M> void fill(std::string_view name, M& member) const {
    std::string text(name);
    if (!chosen || chosen->count(text) > 0) Fill{std::move(text)}(member);
  }
};

template <class T> void Fill::operator()(T& value) const {
  if constexpr (std::is_base_of_v<rtk::OpenEnum<T>, T>) {
    value = T(name);
  } else {
    FillFields<T> fields{value};
    value.fields(fields);
  }
}

template <class Op> rtk::Result<rtk::HttpRequest> request(const Names* chosen) {
  Op op;
  FillFields<Op> fields{op, chosen};
  op.fields(fields);
  return rtk::to_http(config(), op);
}

template <class Op> constexpr auto is_without_promises(int)
    -> std::is_same<decltype(Op::promises), const rtk::NoPromises> {
  return {};
}
template <class Op> constexpr std::false_type is_without_promises(long) { return {}; }

// What an operation says, or else the id if its response has one.
template <class Op> auto promises_of(int)
    -> decltype(std::begin(Op::promises), std::vector<std::string_view>()) {
  return {std::begin(Op::promises), std::end(Op::promises)};
}
template <class Op> auto promises_of(long)
    -> decltype(Op::Response::id.size(), std::vector<std::string_view>()) {
  if (is_without_promises<Op>(0)) return {};
  return {"id"};
}
template <class Op> std::vector<std::string_view> promises_of(...) { return {}; }

template <class Op> std::vector<std::string> unread(const std::string& body, int status) {
  return rtk::unread<Op>(answer(status, body));
}

// What an answer is, or the items of its list.
template <class T> auto resource(int) -> typename decltype(T::items)::value_type;
template <class T> T resource(long);
template <class T> constexpr auto is_page(int) -> decltype(T::items, bool()) { return true; }
template <class T> constexpr bool is_page(long) { return false; }
template <class T> auto wrappers(int) -> decltype(T::wrappers[0], std::vector<std::string>()) {
  return {std::begin(T::wrappers), std::end(T::wrappers)};
}
template <class T> std::vector<std::string> wrappers(long) { return {}; }

struct Operation {
  std::string name;
  Decoded (*decode)(const std::string& body);
  Decoded (*read)(const std::string& body);  // the same without the promises
  rtk::Result<rtk::HttpRequest> (*request)(const Names* chosen);
  std::vector<std::string_view> promises;
  std::vector<std::string> (*unread)(const std::string& body, int status);
  bool promises_nothing;
  bool is_list;
  std::vector<std::string> wrappers;  // in the singular
};

template <class Op> Operation make_operation(const char* name) {
  using Response = typename Op::Response;
  return {name,
          decode<Op>,
          decode<Reader<Response>>,
          request<Op>,
          promises_of<Op>(0),
          unread<Op>,
          is_without_promises<Op>(0),
          is_page<Response>(0),
          wrappers<decltype(resource<Response>(0))>(0)};
}

const std::vector<Operation>& operations() {
#define OPERATION(Op, id) make_operation<rtk::Op>(#Op),
  static const std::vector<Operation> all = {FOR_EACH_OPERATION(OPERATION)};
#undef OPERATION
  return all;
}

// ---- What is published.

// What a file says of an operation:
//     request   the verb, and the path below .../realtime/kit/
//     query     its parameters, each with the value that Fill gives it;
//     body      the same for a POST, PUT or PATCH
//     required  which of them are
//     answers   bodies of successes
// The name of an operation of the same file in place of a body or of answers: the same as there.
json published(const std::string& operation) {
  const auto colon = operation.find("::");
  static std::map<std::string, json> files;
  json& file = files[operation.substr(0, colon)];
  if (file.is_null()) {
    file = json::parse(fixture("models/" + operation.substr(0, colon) + ".json"), nullptr, false);
  }
  json entry = file.is_object() ? file[operation.substr(colon + 2)] : json();
  if (!entry.is_object()) entry = json::object();
  for (const char* part : {"body", "answers"}) {
    if (entry[part].is_string()) entry[part] = file[entry[part].get<std::string>()][part];
  }
  return entry;
}

// A value in the text of an answer.
struct Node {
  std::string path;  // such as /data/0/id
  json value;
  std::size_t name;  // where its name begins; 0: an item of an array has none
  std::size_t begin, end;
  std::string place{};  // its path in the printed model; of an object or a list: of all it holds
  std::string raw{};    // path of the free-form JSON that it is, or is a part of
};

struct Text {
  std::string text{};
  std::vector<Node> nodes{};  // each before what it holds
};

void write(Text& out, const json& value, bool backwards, const std::string& path = "",
           std::size_t name = 0) {
  const std::size_t self = out.nodes.size();
  out.nodes.push_back({path, value, name, out.text.size(), 0});
  const auto member = [&](const std::string& key, const json& item) {
    if (out.text.back() != '{') out.text += ',';
    const std::size_t at = out.text.size();
    out.text += '"' + key + "\":";
    write(out, item, backwards, path + '/' + key, at);
  };
  if (value.is_object()) {
    out.text += '{';
    if (backwards) {
      for (auto it = value.rbegin(); it != value.rend(); ++it) member(it.key(), it.value());
    } else {
      for (auto it = value.begin(); it != value.end(); ++it) member(it.key(), it.value());
    }
    out.text += '}';
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      out.text += i == 0 ? '[' : ',';
      write(out, value[i], backwards, path + '/' + std::to_string(i));
    }
    out.text += value.empty() ? "[]" : "]";
  } else {
    out.text += value.dump();
  }
  out.nodes[self].end = out.text.size();
}

// ---- Values that are neither object nor array, by their paths.

using Leaves = std::map<std::string, json>;

void collect(const json& value, const std::string& path, Leaves& leaves) {
  if (!value.is_structured()) {
    leaves[path] = value;
    return;
  }
  for (const auto& item : value.items()) collect(item.value(), path + '/' + item.key(), leaves);
}

Leaves leaves_of(const std::string& text) {
  Leaves leaves;
  collect(json::parse(text, nullptr, false), "", leaves);
  return leaves;
}

// The paths at which two differ.
std::vector<std::string> changes(const Leaves& before, const Leaves& after) {
  std::vector<std::string> paths;
  for (const auto& [path, value] : before) {
    const auto found = after.find(path);
    if (found == after.end() || found->second != value) paths.push_back(path);
  }
  for (const auto& leaf : after) {
    if (before.count(leaf.first) == 0) paths.push_back(leaf.first);
  }
  return paths;
}

bool is_within(const std::string& path, const std::string& place) {
  return place.empty() || (path.compare(0, place.size(), place) == 0 &&
                           (path.size() == place.size() || path[place.size()] == '/'));
}

std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string last(const std::string& path) { return path.substr(path.rfind('/') + 1); }
bool is_index(const std::string& path) {
  return last(path).find_first_not_of("0123456789") == std::string::npos;
}

// What two names have in common in camelCase and snake_case.
std::string letters(std::string name) {
  name.erase(std::remove(name.begin(), name.end(), '_'), name.end());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

std::string plain(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// A number, a boolean and null may also be texts.
bool is_same(const json& a, const json& b) {
  if (a == b || plain(a) == plain(b)) return true;
  const json number = json::parse(plain(a), nullptr, false);
  return number.is_number() && number == json::parse(plain(b), nullptr, false);
}

bool is_default(const json& value) { return value == false || value == 0 || value == ""; }

// ---- The answers, each with the places that its values have in the model.

struct Answer {
  const Operation* operation;
  std::size_t number;  // from 1
  json value;
  Text body;
  std::string text;  // of the model, printed
  Leaves model;

  std::string with(const Node& node, const std::string& instead) const {
    return std::string(body.text).replace(node.begin, node.end - node.begin, instead);
  }
  std::string renamed(const Node& node, const std::string& name) const {
    return std::string(body.text).replace(node.name, node.begin - node.name, '"' + name + "\":");
  }
  std::string without(const Node& node) const {
    const bool is_first = body.text[(node.name ? node.name : node.begin) - 1] != ',';
    const std::size_t begin = (node.name ? node.name : node.begin) - (is_first ? 0 : 1);
    const std::size_t end = node.end + (is_first && body.text[node.end] == ',' ? 1 : 0);
    return std::string(body.text).replace(begin, end - begin, "");
  }
};

// The place of a value: what alone changes in the model when the value does, and follows it. An
// unknown value of an enum does, too. A secret stays "***", but it goes when the value goes.
std::string find_place(const Answer& answer, const Node& leaf) {
  std::vector<const char*> others = {"\"probe\"", "7340", "true", "null"};
  if (leaf.value.is_string() && is_same(leaf.value, true)) others = {"\"false\""};
  if (leaf.value.is_boolean()) others = {leaf.value == true ? "false" : "true"};
  if (leaf.value.is_number()) others = {"7340"};
  if (json::parse(plain(leaf.value), nullptr, false).is_number()) others = {"\"7340\"", "null"};
  for (const char* other : others) {
    const Decoded changed = answer.operation->read(answer.with(leaf, other));
    if (!changed.ok) return "/refused";
    const Leaves model = leaves_of(changed.text);
    const auto paths = changes(answer.model, model);
    if (paths.size() > 1) return "/several";
    if (paths.empty()) continue;
    const auto found = model.find(paths[0]);
    const json value = json::parse(other, nullptr, false);
    const bool is_gone = found == model.end();
    if (value.is_null() ? is_gone || is_default(found->second)
                        : !is_gone && is_same(found->second, value)) {
      return paths[0];
    }
  }
  return "/none";
}

std::string common(const std::string& a, const std::string& b) {
  std::string place = a;
  while (!is_within(b, place)) place = parent(place);
  return place;
}

Answer make_answer(const Operation& operation, std::size_t number, const json& value) {
  Answer answer{&operation, number, value, {}, {}, {}};
  write(answer.body, value, false);
  answer.text = operation.read(answer.body.text).text;
  answer.model = leaves_of(answer.text);
  auto& nodes = answer.body.nodes;
  for (std::size_t i = nodes.size(); i-- > 0;) {  // each after what it holds
    Node& node = nodes[i];
    if (!node.value.is_structured()) {
      node.place = node.path == "/success" ? "" : find_place(answer, node);
      continue;
    }
    const std::string free = R"({"probe":{"probe":["probe"]}})";
    if (contains(operation.read(answer.with(node, free)).text, free)) node.raw = node.path;
    // Above the places of its own values and above all that it holds.
    bool is_first = true;
    for (std::size_t j = i + 1; j < nodes.size() && is_within(nodes[j].path, node.path); ++j) {
      if (!node.raw.empty()) nodes[j].raw = node.raw;
      if (nodes[j].path == "/success") continue;
      const bool is_own = parent(nodes[j].path) == node.path &&
                          (node.value.is_array() || !nodes[j].value.is_structured());
      const bool is_above = is_own || !node.raw.empty();
      const std::string place = is_above ? parent(nodes[j].place) : nodes[j].place;
      node.place = std::exchange(is_first, false) ? place : common(node.place, place);
    }
  }
  return answer;
}

const std::vector<Answer>& answers() {
  static const std::vector<Answer> all = [] {
    std::vector<Answer> made;
    for (const Operation& operation : operations()) {
      const json list = published(operation.name)["answers"];
      for (std::size_t i = 0; i < list.size(); ++i) {
        made.push_back(make_answer(operation, i + 1, list[i]));
      }
    }
    return made;
  }();
  return all;
}

// ---- What a change of an answer must not do. Each returns what it has done; empty: nothing.

bool differ_outside(const std::string& place, const Leaves& a, const Leaves& b) {
  auto i = a.begin(), j = b.begin();
  for (;; ++i, ++j) {
    while (i != a.end() && is_within(i->first, place)) ++i;
    while (j != b.end() && is_within(j->first, place)) ++j;
    if (i == a.end() || j == b.end()) return i != a.end() || j != b.end();
    if (*i != *j) return true;
  }
}

// The model without an item of a list: those after it move up.
Leaves without_item(const Answer& answer, const std::string& place) {
  json model = json::parse(answer.text, nullptr, false);
  const json::json_pointer list(parent(place));
  if (!is_index(place) || !model.contains(list) || !model[list].is_array()) return answer.model;
  model[list].erase(static_cast<std::size_t>(std::atoi(last(place).c_str())));
  Leaves leaves;
  collect(model, "", leaves);
  return leaves;
}

json at(const std::string& text, const std::string& path) {
  const json value = json::parse(text, nullptr, false);
  const json::json_pointer pointer(path);
  return value.contains(pointer) ? value[pointer] : json();
}

std::string changes_model(const Answer& answer, const std::string& body) {
  const Decoded changed = answer.operation->read(body);
  if (!changed.ok) return "refused: " + changed.message;
  if (changed.text == answer.text || leaves_of(changed.text) == answer.model) return {};
  return "other: " + changed.text;
}

// Of a value that comes in another form: the model is as before, or has the value in that form.
std::string loses_value(const Answer& answer, const Node& node, const std::string& body) {
  const std::string problem = changes_model(answer, body);
  if (problem.empty() || (node.value.is_structured() && node.raw.empty())) return problem;
  const std::string& whole = node.raw.empty() ? node.path : node.raw;
  const std::string place =
      node.place.substr(0, node.place.size() - (node.path.size() - whole.size()));
  const std::string text = answer.operation->read(body).text;
  const bool is_kept = is_same(at(text, place), at(body, whole));
  return is_kept && !differ_outside(place, leaves_of(text), answer.model) ? "" : problem;
}

// Only the value is gone.
std::string removes_more(const Answer& answer, const Node& node, const Decoded& changed) {
  if (!changed.ok) return "refused: " + changed.message;
  const Leaves model = leaves_of(changed.text);
  if (is_index(node.place) && model == without_item(answer, node.place)) return {};
  if (differ_outside(node.place, model, answer.model)) return "others: " + changed.text;
  for (const auto& [path, value] : model) {
    if (is_within(path, node.place) && !is_default(value)) return "still there: " + changed.text;
  }
  return {};
}

// Nothing else changes, whatever becomes of the value.
std::string changes_others(const Answer& answer, const Node& node, const Decoded& changed) {
  if (!changed.ok) return "refused: " + changed.message;
  const Leaves model = leaves_of(changed.text);
  if (!differ_outside(node.place, model, answer.model)) return {};
  return model == without_item(answer, node.place) ? "" : "others: " + changed.text;
}

std::string other_number(const std::string& name) {
  return name.back() == 's' ? name.substr(0, name.size() - 1) : name + 's';
}

std::string other_spelling(const std::string& name) {
  std::string other;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    const bool was_bar = i > 0 && name[i - 1] == '_';
    if (c == '_') continue;
    if (std::isupper(c) && !was_bar) other += '_';
    other += static_cast<char>(was_bar ? std::toupper(c) : std::tolower(c));
  }
  return other;
}

// Answers to which the same is done have to be changed only once. Of these a sample.
std::vector<const Answer*> different_answers() {
  std::vector<const Answer*> different;
  for (const Answer& answer : answers()) {
    const auto is_twin = [&](const Answer* other) {
      return other->operation->read == answer.operation->read &&
             other->body.text == answer.body.text;
    };
    if (std::none_of(different.begin(), different.end(), is_twin)) different.push_back(&answer);
  }
  const std::size_t step = one_in(5, 5);
  for (std::size_t i = 0; i * step < different.size(); ++i) different[i] = different[i * step];
  different.resize((different.size() + step - 1) / step);
  return different;
}

void check(const Answer& answer, const Node& node, const std::string& change,
           const std::string& problem) {
  CHECK_MESSAGE(problem.empty(), answer.operation->name << ", answer " << answer.number << ": "
                                                        << node.path << " " << change << ": "
                                                        << problem);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : ", ") + line;
  return text;
}

// Whether the names of an object are free: then none is unknown.
bool has_free_names(const Answer& answer, const Node& node) {
  std::string body = answer.body.text;
  body.insert(node.begin + 1, R"("not_known":{"not_known":1},)");
  const auto found = joined(answer.operation->unread(body, 200));
  return contains(found, "not_known.not_known");
}

// What an answer may be refused without: data, and what holds it.
bool is_whole(const Node& node) {
  return node.path.find('/', 1) == std::string::npos && node.path != "/paging";
}

// Whether data is expected to be a list: an array of one object is that list.
bool is_list(const Answer& answer) {
  return answer.text.rfind("{\"data\":", 0) == 0 ||
         answer.text.rfind("{\"session_stats\":", 0) == 0;
}

// Whether a node is what makes an object the only item of the list that is expected.
bool makes_item(const Answer& answer, const Node& node) {
  return is_list(answer) && node.path == "/data/id";
}

}  // namespace

TEST_CASE("answers are published of every operation") {
  for (const Operation& operation : operations()) {
    CAPTURE_TEXT(operation.name);
    CHECK(!published(operation.name)["answers"].empty());
  }
}

TEST_CASE("every published field of an answer is in the model, with its value") {
  const Names secrets = {"stream_key", "token",       "access_key", "secret",
                         "password",   "private_key", "rtmp_url"};
  for (const Answer& answer : answers()) {
    CAPTURE_TEXT(answer.operation->name);
    CAPTURE_TEXT(std::to_string(answer.number));
    const Decoded decoded = answer.operation->decode(answer.body.text);
    CAPTURE_TEXT(decoded.message);
    CHECK(decoded.ok);
    CHECK(decoded.text == answer.text);
    std::map<std::string, std::string> objects;  // what is together in one stays together
    Names taken;
    for (const Node& leaf : answer.body.nodes) {
      if (leaf.value.is_structured() || leaf.path == "/success") continue;
      CAPTURE_TEXT(leaf.path);
      CAPTURE_TEXT(leaf.place);
      CHECK(letters(last(leaf.path)) == letters(last(leaf.place)));
      CHECK(taken.insert(leaf.place).second);
      const auto object = objects.emplace(parent(leaf.path), parent(leaf.place)).first;
      CHECK(object->second == parent(leaf.place));
      const auto found = answer.model.find(leaf.place);
      const json value = found == answer.model.end() ? json() : found->second;
      const bool is_secret = secrets.count(last(leaf.path)) > 0;
      const bool is_right = leaf.value.is_null() ? value.is_null() || is_default(value)
                            : is_secret          ? value == "***"
                                                 : is_same(value, leaf.value);
      CHECK(is_right);
    }
  }
}

TEST_CASE("an answer is refused only where a field is gone that the operation promises") {
  for (const Answer& answer : answers()) {
    for (const Node& leaf : answer.body.nodes) {
      if (leaf.value.is_structured()) continue;
      std::string missing;
      for (const auto promise : answer.operation->promises) {
        std::string place = '/' + std::string(promise);
        std::replace(place.begin(), place.end(), '.', '/');
        if (place == leaf.place) missing = promise;
      }
      if (makes_item(answer, leaf)) missing = "the list";
      for (const std::string& body : {answer.with(leaf, "null"), answer.without(leaf)}) {
        const Decoded decoded = answer.operation->decode(body);
        const bool is_right = missing.empty() ? decoded.ok : contains(decoded.message, missing);
        check(answer, leaf, "gone", is_right ? "" : "refused: " + decoded.message);
      }
    }
  }
}

TEST_CASE("a value in another form is taken, and nothing else changes") {
  for (const Answer* it : different_answers()) {
    const Answer& answer = *it;
    const auto& nodes = answer.body.nodes;
    for (std::size_t i = 1; i < nodes.size(); ++i) {
      const Node& node = nodes[i];
      const std::string text = answer.body.text.substr(node.begin, node.end - node.begin);
      const auto same = [&](const char* change, const std::string& body) {
        check(answer, node, change, loses_value(answer, node, body));
      };
      if (node.value.is_number()) same("as text", answer.with(node, '"' + text + '"'));
      if (node.value.is_boolean()) {
        same("as text", answer.with(node, '"' + text + '"'));
        same("as number", answer.with(node, node.value == true ? "1" : "0"));
      }
      if (node.value.is_string() && json::parse(plain(node.value), nullptr, false).is_number()) {
        same("as number", answer.with(node, plain(node.value)));
      }
      if (node.value.is_object() && node.name && !(node.path == "/data" && is_list(answer))) {
        same("in an array of one", answer.with(node, '[' + text + ']'));
      }
      const bool is_list_of_texts =
          node.path == "/data" && node.value.is_array() && !node.value.front().is_structured();
      if (node.value.is_array() && !node.value.empty() && node.raw.empty() && !is_list_of_texts) {
        const std::string item =
            answer.body.text.substr(nodes[i + 1].begin, nodes[i + 1].end - nodes[i + 1].begin);
        const Decoded one = answer.operation->read(answer.with(node, '[' + item + ']'));
        const Decoded alone = answer.operation->read(answer.with(node, item));
        check(answer, node, "not in an array",
              one.ok && alone.ok && alone.text == one.text ? "" : "other: " + alone.text);
      }
    }
  }
}

TEST_CASE("a name in another form is found, and nothing else changes") {
  for (const Answer* it : different_answers()) {
    const Answer& answer = *it;
    const auto& nodes = answer.body.nodes;
    std::string all = answer.body.text;
    for (auto next = nodes.rbegin(); next != nodes.rend(); ++next) {
      const Node& node = *next;
      const std::string name = last(node.path);
      const bool is_free = !node.raw.empty() && node.raw != node.path;  // its names are its own
      if (!node.name || is_free || node.path == "/data" || node.path == "/LivestreamBase") continue;
      const auto same = [&](const std::string& other) {
        const auto is_other = [&](const Node& one) {
          return one.path == parent(node.path) + '/' + other;
        };
        if (std::any_of(nodes.begin(), nodes.end(), is_other)) return;
        check(answer, node, "as " + other, changes_model(answer, answer.renamed(node, other)));
      };
      const std::string spelling = other_spelling(name);
      all.replace(node.name, node.begin - node.name, '"' + spelling + "\":");
      if (spelling != name) same(spelling);
      if (node.value.is_structured() && name != "data") same(other_number(name));
    }
    check(answer, nodes[0], "with all names changed", changes_model(answer, all));
  }
}

TEST_CASE("wrapping, paging and the order of names make no difference") {
  for (const Answer* it : different_answers()) {
    const Answer& answer = *it;
    const Node& root = answer.body.nodes[0];
    const auto same = [&](const char* change, const json& body) {
      check(answer, root, change, changes_model(answer, body.dump()));
    };
    Text backwards;
    write(backwards, answer.value, true);
    check(answer, root, "backwards", changes_model(answer, backwards.text));
    if (answer.value.contains("data")) {
      json body = answer.value;
      body["data"] = {{"data", answer.value["data"]}};
      same("data in data", body);
      if (answer.value.contains("paging")) {
        if (answer.value["data"].is_object()) body["data"] = answer.value["data"];
        body["data"]["paging"] = answer.value["paging"];
        body.erase("paging");
        same("paging in data", body);
      }
    }
    if (answer.value.contains("data") && answer.value["data"].contains("paging")) {
      json body = answer.value;
      body["paging"] = body["data"]["paging"];
      body["data"].erase("paging");
      same("paging beside data", body);
    }
  }
}

TEST_CASE("a member that is not known makes no difference, whatever it is") {
  for (const Answer* it : different_answers()) {
    const Answer& answer = *it;
    for (const Node& node : answer.body.nodes) {
      if (!node.value.is_object() || !node.raw.empty()) continue;
      const std::string all = answer.body.text;
      for (const std::string& value :
           std::vector<std::string>{"null", "true", "-1.5", "\"x\"", "[]", "{}", '[' + all + ']'}) {
        std::string body = all;
        body.insert(node.begin + 1, "\"not_known\":" + value + ',');
        check(answer, node, "with more", changes_model(answer, body));
      }
      std::string body = all;
      body.insert(node.end - 1, ",\"notKnown\":" + all);
      check(answer, node, "with more at its end", changes_model(answer, body));
      if (node.place.empty() || is_whole(node)) continue;  // there, it is known
      body = all;
      body.insert(node.end - 1, R"(,"paging":{"total_count":99},"errors":[{"message":"x"}])");
      check(answer, node, "with what belongs elsewhere", changes_model(answer, body));
    }
  }
}

TEST_CASE("a value that is null, absent or of any other type changes nothing else") {
  for (const Answer* it : different_answers()) {
    const Answer& answer = *it;
    for (const Node& node : answer.body.nodes) {
      if (!node.raw.empty() && node.raw != node.path) {  // kept as it is, whatever it is
        for (const char* other : {"null", "5", "\"x\"", "[]", "{}", "[{\"x\":[null]}]"}) {
          check(answer, node, other, loses_value(answer, node, answer.with(node, other)));
        }
        check(answer, node, "absent", loses_value(answer, node, answer.without(node)));
        continue;
      }
      const Decoded null = answer.operation->read(answer.with(node, "null"));
      if (node.path == "/success") {
        for (const char* success : {"null", "\"true\"", "1", "\"\"", "{}"}) {
          check(answer, node, success, changes_model(answer, answer.with(node, success)));
        }
        check(answer, node, "absent", changes_model(answer, answer.without(node)));
        continue;
      }
      if (makes_item(answer, node)) continue;
      if (!is_whole(node)) {
        check(answer, node, "null", removes_more(answer, node, null));
        const Decoded absent = answer.operation->read(answer.without(node));
        check(answer, node, "absent",
              absent.ok && absent.text == null.text ? "" : "not as null: " + absent.text);
      }
      for (const char* other : {"true", "-1", "\"x\"", "[]", "{}", "[{}]", "{\"x\":[{}]}",
                                "[\"x\",1,null,{\"x\":1},[\"x\"]]"}) {
        const Decoded changed = answer.operation->read(answer.with(node, other));
        const bool is_fine = changed.ok ? changed.text == null.text : is_whole(node);
        check(answer, node, other, is_fine ? "" : changes_others(answer, node, changed));
      }
    }
  }
}

// ---- The rules, each over all answers.

TEST_CASE("data in every wrapper that is known is understood") {
  for (const Answer* it : different_answers()) {
    const Answer& answer = *it;
    if (!answer.value.contains("data")) continue;
    const json& data = answer.value["data"];
    const auto same = [&](const std::string& change, const json& inner,
                          const char* outer = "data") {
      json body = answer.value;
      body.erase("data");
      body[outer] = inner;
      Text backwards;
      write(backwards, body, true);
      for (const std::string& text : {body.dump(), backwards.text}) {
        const Decoded decoded = answer.operation->decode(text);
        check(answer, answer.body.nodes[0], change,
              decoded.ok && leaves_of(decoded.text) == answer.model
                  ? ""
                  : decoded.message + decoded.text);
        check(answer, answer.body.nodes[0], change + ", unread",
              joined(answer.operation->unread(text, 200)));
      }
    };
    same("in result", data, "result");
    same("data in data", {{"data", data}});
    same("data in result", {{"data", data}}, "result");
    same("result in data", {{"result", data}});
    const bool is_resource = data.is_array() == answer.operation->is_list;
    if (!is_resource) continue;
    if (answer.operation->is_list) {
      same("in items", {{"items", data}});
      same("in results", {{"results", data}});
    }
    for (const std::string& name : answer.operation->wrappers) {
      for (const std::string& number : {name, name + 's'}) {
        same("in " + number, {{number, data}});
        same("in " + number + " in data", {{"data", {{number, data}}}});
        if (!answer.operation->is_list) continue;
        json items = json::array();
        for (const json& item : data) items.push_back({{number, item}});
        same("each item in " + number, items);
        same("each item in " + number + ", in items", {{"items", items}});
      }
    }
  }
}

TEST_CASE("a bad value costs that value only") {
  const std::string unknown = "\xEF\xBF\xBD";
  for (const Answer* it : different_answers()) {
    const Answer& answer = *it;
    for (const Node& node : answer.body.nodes) {
      const auto becomes = [&](const std::string& body, const json& value) {
        const Decoded decoded = answer.operation->read(body);
        const Leaves model = leaves_of(decoded.text);
        const auto found = model.find(node.place);
        const bool is_right = !differ_outside(node.place, model, answer.model) &&
                              found != model.end() && found->second == value;
        check(answer, node, "bad", decoded.ok && is_right ? "" : "other: " + decoded.text);
      };
      if (node.value.is_object()) {
        std::string body = answer.body.text;
        body.insert(node.begin + 1, "\"not_known\":[1e999,\"\xFF\",\"\\ud83d\"],\"\xC3\":-1e999,");
        if (node.raw.empty()) check(answer, node, "with bad", changes_model(answer, body));
      }
      if (node.value.is_structured() || !node.raw.empty() || node.path == "/success") continue;
      if (node.value.is_number()) {
        check(answer, node, "1e999",
              removes_more(answer, node, answer.operation->read(answer.with(node, "1e999"))));
      }
      const auto found = answer.model.find(node.place);
      const bool is_text = node.value.is_string() && found != answer.model.end() &&
                           found->second == node.value;  // and no secret
      if (!is_text) continue;
      const std::string text = node.value.dump();
      for (const char* bad : {"\xFF", "\\uD83D", "\\ude00"}) {
        becomes(answer.with(node, text.substr(0, text.size() - 1) + bad + '"'),
                node.value.get<std::string>() + unknown);
      }
    }
  }
}

TEST_CASE("what stands beside data is not taken for a part of it") {
  const Names known = {"success", "error", "errors", "message", "messages", "paging", "data"};
  for (const Answer* it : different_answers()) {
    const Answer& answer = *it;
    if (!answer.value.contains("data")) continue;
    const json& data = answer.value["data"];
    std::string beside;
    const auto add = [&](const json& object) {
      if (!object.is_object()) return;
      for (const auto& item : object.items()) {
        if (known.count(item.key()) > 0) continue;
        beside += '"' + item.key() + "\":";
        beside += item.value().is_structured() ? item.value().dump() : "\"7340\"";
        beside += ',';
      }
    };
    add(data);
    for (const json& item : data) {
      if (data.is_array() || data.is_object()) add(item);
    }
    for (const std::string& name : answer.operation->wrappers) {
      beside += '"' + name + R"(":{"id":"beside"},")" + name + R"(s":[{"id":"beside"}],)";
    }
    const std::string inside = answer.body.text.substr(1);
    check(answer, answer.body.nodes[0], "before data",
          changes_model(answer, '{' + beside + inside));
    check(answer, answer.body.nodes[0], "after data",
          changes_model(answer, answer.body.text.substr(0, answer.body.text.size() - 1) + ',' +
                                    beside.substr(0, beside.empty() ? 0 : beside.size() - 1) +
                                    (beside.empty() ? "\"x\":1}" : "}")));
  }
}

TEST_CASE("an answer without what was asked for is refused, in words, or promises nothing") {
  const std::pair<const char*, const char*> bodies[] = {
      {R"({"success":true,"data":"OK"})", "data is a text"},
      {R"({"success":true,"data":true})", "data is a boolean"},
      {R"({"success":true,"data":1})", "data is a number"},
      {R"({"success":true,"data":[]})", "data is an array"},
      {R"({"success":true,"data":{}})", "data is an object"},
      {R"({"success":true,"data":null})", "data is null"},
      {R"({"success":true})", "it has no data"},
      {R"({"success":true,"result":"OK"})", "data is a text"},
      {R"({"success":true,"data":{"data":"OK"}})", "data is an object"},
      {R"({"success":true,"data":[{}]})", "data is an array"},
      {R"({"success":true,"data":[{"not_known":1}]})", "data is an array"},
      {"", "empty"}};
  for (const Operation& operation : operations()) {
    CAPTURE_TEXT(operation.name);
    for (const auto& one : bodies) {
      const auto& body = one.first;
      const auto& words = one.second;
      CAPTURE_TEXT(body);
      const Decoded decoded = operation.decode(body);
      CAPTURE_TEXT(decoded.message);
      CAPTURE_TEXT(decoded.text);
      const bool may_be_list = operation.is_list || operation.name == "analytics::GetDaywise";
      const bool is_empty_list = may_be_list && contains(body, "[]");
      CHECK(decoded.ok == (is_empty_list || operation.promises_nothing));
      if (is_empty_list) CHECK(decoded.text == "{}");
      if (!decoded.ok && *body != '\0') CHECK(contains(decoded.message, words));
    }
  }
}

TEST_CASE("unread() names what no field takes, at every depth, and nothing else") {
  const std::pair<const char*, const char*> values[] = {
      {"\"x\"", "text"}, {"1", "number"},          {"-1.5", "number"}, {"false", "boolean"},
      {"[1]", "array"},  {"{\"id\":1}", "object"}, {"null", "null"}};
  for (const Answer& answer : answers()) {
    const Operation& operation = *answer.operation;
    check(answer, answer.body.nodes[0], "unread", joined(operation.unread(answer.body.text, 200)));
  }
  for (const Answer* it : different_answers()) {
    const Answer& answer = *it;
    for (const Node& node : answer.body.nodes) {
      if (!node.value.is_object() || !node.raw.empty()) continue;
      std::string path;
      std::istringstream parts(node.path.substr(node.path.empty() ? 0 : 1));
      for (std::string part; std::getline(parts, part, '/');) {
        path += is_index('/' + part) ? '[' + part + ']' : (path.empty() ? "" : ".") + part;
      }
      if (!path.empty()) path += '.';
      const bool is_map = has_free_names(answer, node);
      for (const auto& [value, kind] : values) {
        if (is_map) continue;
        for (const bool at_end : {false, true}) {
          std::string body = answer.body.text;
          if (!at_end) body.insert(node.begin + 1, "\"not_known\":" + std::string(value) + ',');
          if (at_end) body.insert(node.end - 1, ",\"not_known\":" + std::string(value));
          const std::string expected = path + "not_known: " + kind;
          const std::string found = joined(answer.operation->unread(body, 200));
          check(answer, node, value, found == expected ? "" : "unread: " + found);
        }
      }
    }
  }
}

TEST_CASE("a request has its parameters where they are published, and no others") {
  struct Exception {
    const char* path;
    const char* reason;
  };
  const Exception more[] = {
      {"/recording_config/dyte_bucket_config/enabled", "one struct for requests and answers"},
      {"/config/media/screenshare/simulcast", "one struct for camera and screen"},
      {"/permissions/chat/public/can_receive", "one struct for public and private chat"},
      {"/ui/design_tokens/colors/background/300", "one struct for all shades"},
      {"/ui/design_tokens/colors/background/400", "the same"},
      {"/ui/design_tokens/colors/background/500", "the same"},
      {"/ui/design_tokens/colors/brand/800", "the same"},
      {"/ui/design_tokens/colors/brand/900", "the same"},
      {"/ui/design_tokens/colors/brand/1000", "the same"}};
  for (const Operation& operation : operations()) {
    CAPTURE_TEXT(operation.name);
    const json entry = published(operation.name);
    const json required = entry.value("required", json::array());
    const std::string line = entry.value("request", "");
    const std::string verb = line.substr(0, line.find(' '));
    const bool has_body = verb == "POST" || verb == "PUT" || verb == "PATCH";

    std::string url = config().base_url + "/accounts/{account_id}/realtime/kit/" +
                      line.substr(verb.size() + (verb.size() < line.size() ? 1 : 0));
    Names in_path;
    for (auto open = url.find('{'); open != url.npos; open = url.find('{', open)) {
      const auto close = url.find('}', open);
      std::string name = url.substr(open + 1, close - open - 1);
      const bool is_own = name != "account_id" && name != "app_id";
      if (is_own) in_path.insert(name);
      url.replace(open, name.size() + 2, is_own ? name : name == "app_id" ? "app0001" : "acc0001");
    }

    for (const bool all : {true, false}) {
      Names chosen = in_path;
      for (const json& name : required) chosen.insert(name.get<std::string>());
      const auto request = operation.request(all ? nullptr : &chosen);
      CAPTURE_TEXT(request.error().message);
      REQUIRE(request.has_value());
      CHECK(rtk::to_string(request->method) == verb);
      CHECK(request->url.substr(0, request->url.find('?')) == url);

      json parameters = entry.value(has_body ? "body" : "query", json());
      if (!parameters.is_object()) parameters = json::object();
      json expected = json::object();
      for (const auto& item : parameters.items()) {
        if (all || chosen.count(item.key()) > 0) expected[item.key()] = item.value();
      }
      json sent = json::object();
      if (has_body) {
        CHECK(request->url.size() == url.size());  // no query
        CHECK(request->body.empty() == (verb != "POST" && expected.empty()));
        if (!request->body.empty()) sent = json::parse(request->body, nullptr, false);
      } else {
        CHECK(request->body.empty());
        std::istringstream query(
            request->url.substr(std::min(url.size() + 1, request->url.size())));
        for (std::string part; std::getline(query, part, '&');) {
          const std::string name = part.substr(0, part.find('='));
          CHECK_FALSE(sent.contains(name));
          sent[name] = part.substr(name.size() + 1);
        }
        for (auto& item : expected.items()) item.value() = plain(item.value());
      }
      Leaves wanted, found;
      collect(expected, "", wanted);
      collect(sent, "", found);
      std::string differences;
      for (const std::string& path : changes(wanted, found)) {
        const auto is_it = [&](const Exception& it) { return path == it.path; };
        const bool is_more = wanted.count(path) == 0;
        if (is_more && std::any_of(std::begin(more), std::end(more), is_it)) continue;
        differences += path + ' ';
      }
      CHECK(differences == "");
    }
  }
}
