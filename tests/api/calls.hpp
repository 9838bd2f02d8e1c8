// What api_tests.cpp is made of: the table of operations, their calls, what is noted of them.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../operations.hpp"
#include "realtimekit.hpp"

namespace api {

using namespace realtimekit;
using Json = nlohmann::json;
using Texts = std::vector<std::string>;

// ---- Parameters and models as JSON.

template <class T> Json json_of(const T& value) { return Json::parse(to_string(value)); }

// The first thing of `sent` that `got` lacks, or has with another value; empty if there is none.
// Secrets are printed as "***", and most cannot be read back.
inline std::string difference(const Json& sent, const Json& got, const std::string& at = "") {
  if (sent == "***" || got == "***") return "";
  if (got.is_null()) return at + " is missing";
  if (!sent.is_object()) {
    return sent == got ? "" : at + " is " + got.dump() + ", not " + sent.dump();
  }
  for (const auto& member : sent.items()) {
    const Json inner = got.is_object() ? got.value(member.key(), Json()) : Json();
    const std::string found = difference(member.value(), inner, at + "/" + member.key());
    if (!found.empty()) return found;
  }
  return "";
}

// Stands for an operation whose answer is a T.
template <class T> struct Answered {
  static constexpr Route route{Method::get, "/", Repeat::harmless};
  using Response = T;
  template <class Fields> static void fields(Fields&) {}
};

// JSON as the library's decoder reads it. Error: T has no field for some of it.
template <class T> Result<T> from_json(const Json& json) {
  if (json.empty()) return T{};  // an answer needs more
  const Json answer = {{"success", true}, {"data", json}};
  Result<T> value = from_http<Answered<T>>(HttpResponse{200, {}, answer.dump()});
  if (!value) return value;
  Error lost;
  lost.message = difference(json, json_of(*value));
  return lost.message.empty() ? value : lost;
}

// Lists the fields that are not set; in lists, those of the first item.
class Unset {
 public:
  Texts names;

  void look(const std::string&, double) {}
  void look(const std::string&, std::int64_t) {}
  void look(const std::string& at, const std::string& text) { note(at, text.empty()); }
  void look(const std::string& at, const Secret& secret) { note(at, secret.empty()); }
  template <class T> void look(const std::string& at, const std::optional<T>& value) {
    note(at, !value);
  }
  template <class T> void look(const std::string& at, const std::vector<T>& list) {
    note(at, list.empty());
    if (!list.empty()) look(at, list.front());
  }
  template <class T> void look(const std::string& at, const std::pair<std::string, T>& entry) {
    look(at, entry.second);
  }
  template <class T> auto look(const std::string& at, const T& value)
      -> decltype(value.text(), void()) {
    note(at, value.text().empty());
  }
  template <class T> auto look(const std::string& at, const T& object)
      -> decltype(to_string(object), void()) {
    LookAtFields<T> fields{*this, at, object};
    object.fields(fields);
  }

 private:
  template <class T> struct LookAtFields {
    Unset& unset;
    const std::string& at;
    const T& object;
    std::string_view left{};  // of the names that REALTIMEKIT_FIELDS gives

    template <class Owner, class M>
    void operator()(std::string_view name, M Owner::*member, Role = Role::plain) {
      unset.look(at + "/" + std::string(name), object.*member);
    }
    LookAtFields& names(std::string_view list) { return left = list, *this; }
    template <class... M> void members(const M&... member) {
      (unset.look(at + "/" + std::string(detail::next_name(left)), member), ...);
    }
  };

  void note(const std::string& at, bool is_unset) {
    // What the header says is of no use where it stands.
    for (const std::string_view end :
         {"/dyte_bucket_config/enabled", "/brand/800", "/brand/900", "/brand/1000",
          "/background/300", "/background/400", "/background/500", "/public/can_receive",
          "/screenshare/simulcast"}) {
      if (at.size() >= end.size() && at.substr(at.size() - end.size()) == end) return;
    }
    if (is_unset) names.push_back(at);
  }
};

// ---- The operations.

// A line of MODELS, as sdk.mjs has it.
template <class Op>
std::string read(const Client& client, const std::string& id, const Json& parameters) {
  const auto op = from_json<Op>(parameters);
  if (!op) throw std::runtime_error(id + ' ' + parameters.dump() + ": " + op.error().message);
  const auto result = client.send(*op);
  const Error& error = result.error();
  if (!result && error.kind != ErrorKind::api) std::cerr << id << ": " << error << '\n';
  Json line = {{"operationId", id}, {"parameters", parameters}};
  result ? line["model"] = json_of(*result) : line["status"] = error.status;
  return line.dump();
}

struct Operation {
  const char* id;    // in openapi.yaml
  const char* name;  // in realtimekit.hpp
  const Route* route;
  std::string (*read)(const Client&, const std::string&, const Json&);
};

#define OPERATION(Op, id) {id, #Op, &Op::route, read<Op>},
inline const Operation operations[] = {FOR_EACH_OPERATION(OPERATION)};
#undef OPERATION

// ---- Calls and checks. What comes of one is noted for the operation that it is given, or that
// stands in its angle brackets.

class Calls {
 public:
  explicit Calls(const Client& client) : client_(client) {
    if (const char* const file = std::getenv("API_TESTS_READS")) reads_.open(file, std::ios::app);
  }

  // Prints a row for each operation. Returns whether all are ok.
  bool print() {
    bool good = true;
    for (const Operation& operation : operations) {
      const Row& row = rows_[operation.route];
      Texts columns;
      for (const char* part : {judged, decoded, round_trip}) {
        const auto found = row.holds.find(part);
        columns.push_back(found != row.holds.end() && found->second ? part : "-");
      }
      const bool is_ok = std::count(columns.begin(), columns.end(), "-") == 0;
      std::cout << std::left << (is_ok ? "ok: " : "FAILED: ") << std::setw(is_ok ? 36 : 32)
                << operation.name << std::setw(8) << columns[0] << std::setw(9) << columns[1]
                << columns[2] << '\n';
      if (row.holds.empty()) std::cout << "  never called\n";
      for (const std::string& reason : row.reasons) std::cout << "  " << reason << '\n';
      good = good && is_ok;
    }
    return good;
  }

 protected:
  // Calls an operation with all its parameters. `filled` points, in the way of JSON, to what the
  // library must have made of the answer.
  template <class Op> typename Op::Response all(const Op& op, const Texts& filled) {
    Unset unset;
    unset.look("", op);
    note<Op>(judged, unset.names.empty(), "not set: " + shown(unset.names));
    const auto model = call(op);
    const Json json = json_of(model);
    for (const std::string& at : filled) {
      const Json value = json.value(Json::json_pointer(at), Json());
      note<Op>(decoded, !value.empty() && value != "", at + " is empty");
    }
    return model;
  }

  // Calls it with what it is given, which may be only what it requires.
  template <class Op> typename Op::Response call(const Op& op) {
    const auto result = sent(op);
    if (result) return *result;
    note<Op>(decoded, false, in_words(op, result.error()));
    return {};
  }

  // Calls it in a way that the server refuses with that status.
  template <class Op> void refused(int status, const Op& op) {
    const Error error = sent(op).error();
    const bool is_said = error.status == status && error.code == status && !error.message.empty();
    note<Op>(decoded, is_said, "not " + std::to_string(status) + " but " + in_words(op, error));
  }

  // Lists all at once and then item by item, which must give the same. Returns the ids.
  template <class Op> Texts pages(Op op) {
    Texts at_once, by_pages;
    for (const auto& item : call(op).items) at_once.push_back(item.id);
    op.per_page = 1;
    for (const auto& item : client_.pages(op)) {
      note<Op>(judged, item.has_value(), in_words(op, item.error()));
      if (!item) break;
      by_pages.push_back(item->id);
      op.page_no = static_cast<int>(by_pages.size());
      log(op);
    }
    check<Op>("there is more than one page", by_pages.size() > 1);
    same<Op>("by pages", by_pages, at_once);
    return at_once;
  }

  // What was sent, but for what stands in the path or is `unreadable`, must be in what was read.
  template <class Op, class Model>
  void found(const Op& op, const Model& got, const Texts& unreadable = {}) {
    const Json all = json_of(op);
    Json readable = all;
    for (const auto& member : all.items()) {
      if (Op::route.path.find("{" + member.key() + "}") < Op::route.path.size()) {
        readable.erase(member.key());
      }
    }
    for (const std::string& name : unreadable) readable.erase(name);
    const std::string what = difference(readable, json_of(got));
    note<Op>(round_trip, !readable.empty() && what.empty(), what);
  }

  template <class Op, class A, class B> void same(const char* what, const A& got, const B& wanted) {
    note<Op>(round_trip, shown(got) == shown(wanted),
             std::string(what) + ": " + shown(got) + ", not " + shown(wanted));
  }

  template <class Op> void check(const char* what, bool holds) {
    note<Op>(round_trip, holds, std::string("not so: ") + what);
  }

  // An operation from JSON, which is shorter where there are many parameters.
  template <class Op> Op parsed(const Json& json) {
    const auto op = from_json<Op>(json);
    note<Op>(judged, op.has_value(), op.error().message);
    return op ? *op : Op{};
  }

 private:
  static constexpr const char *judged = "judged", *decoded = "decoded", *round_trip = "round trip";
  struct Row {
    std::map<std::string, bool> holds{};
    Texts reasons{};
    std::set<std::string> said{};  // of them, as what Prism refuses is not decoded either
  };

  // "nothing" for what is absent.
  template <class T> static std::string shown(const T& value) {
    std::ostringstream text;
    text << std::boolalpha << value;
    return text.str();
  }
  template <class T> static std::string shown(const std::optional<T>& value) {
    return value ? shown(*value) : "nothing";
  }
  template <class T> static std::string shown(const std::vector<T>& list) {
    std::string text;
    for (const T& item : list) text += shown(item) + ' ';
    return text;
  }

  template <class Op> static std::string in_words(const Op& op, const Error& error) {
    return error.to_string() + "; sent " + to_string(op) + "; answer: " + error.body;
  }

  template <class Op> void note(const char* part, bool holds, const std::string& reason) {
    Row& row = rows_[&Op::route];
    const bool held_so_far = row.holds.try_emplace(part, true).first->second;
    row.holds[part] = held_so_far && holds;
    if (!holds && row.said.insert(reason).second) {
      row.reasons.push_back(std::string(part) + ": " + reason);
    }
  }

  template <class Op> void log(const Op& op) {
    const auto it = std::find_if(std::begin(operations), std::end(operations),
                                 [](const Operation& one) { return one.route == &Op::route; });
    if (Op::route.method != Method::get) return;
    reads_ << Json{{"operationId", it->id}, {"parameters", json_of(op)}} << std::endl;
  }

  // Prism puts an error of its own in the place of what is not right.
  template <class Op> Result<typename Op::Response> sent(const Op& op) {
    log(op);
    auto result = client_.send(op);
    const Error& error = result.error();
    const bool is_prisms = error.body.find("stoplight.io/prism/errors") != std::string::npos;
    const bool is_let_pass = result || (error.status != 0 && !is_prisms);
    note<Op>(judged, is_let_pass, in_words(op, error));
    return result;
  }

  const Client& client_;
  std::ofstream reads_;
  std::map<const Route*, Row> rows_;
};

}  // namespace api
