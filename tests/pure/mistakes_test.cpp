// What users get wrong, and what is said to them.
#include "support.hpp"

using namespace support;

namespace {

template <class Op> std::string refusal_of(const Op& op) {
  const auto request = rtk::to_http(config(), op);
  if (request) return "";
  CHECK(request.error().kind == rtk::ErrorKind::invalid_request);
  CHECK(request.error().delivery == rtk::Delivery::not_sent);
  return request.error().message;
}

rtk::presets::Create preset() {
  rtk::presets::Create op{"host"};
  op.config.max_screenshare_count = 1;
  op.permissions.kick_participant = true;
  op.ui.config_diff = "{\"a\":1}";
  return op;
}

// An operation of a user's own.
struct Nothing {
  REALTIMEKIT_FIELDS()
};
struct AddNote {
  static constexpr rtk::Route route = rtk::Route::post("/notes");
  static constexpr std::string_view required[] = {"title", "tags", "at", "pinned"};
  using Response = Nothing;
  std::string title{};
  std::vector<std::string> tags{};
  rtk::Timestamp at{};
  std::optional<bool> pinned{};
  std::string text{};
  REALTIMEKIT_FIELDS(title, tags, at, pinned, text)
};
struct FindNotes {
  static constexpr rtk::Route route = rtk::Route::get("/notes");
  static constexpr std::string_view required[] = {"author"};
  using Response = Nothing;
  rtk::Secret author{};
  REALTIMEKIT_FIELDS(author)
};

// Booleans in a list, as a std::vector<bool> cannot be a field.
struct Flags {
  std::vector<std::optional<bool>> flags{};
  REALTIMEKIT_FIELDS(flags)
};
struct SetFlags {
  static constexpr rtk::Route route = rtk::Route::post("/flags");
  using Response = Flags;
  std::vector<std::optional<bool>> flags{};
  REALTIMEKIT_FIELDS(flags)
};

}  // namespace

TEST_CASE("a text of an unset variable is empty") {
  const char* const unset = nullptr;
  CHECK(rtk::Secret(unset).empty());
  CHECK(rtk::Timestamp(unset).text().empty());
  CHECK_FALSE(rtk::Timestamp(unset).time());
  CHECK(rtk::RawJson(unset).text().empty());
  rtk::Config with_no_token = config();
  with_no_token.api_token = unset;
  CHECK(contains(rtk::to_http(with_no_token, rtk::livestreams::List{}).error().message,
                 "api_token is empty"));
}

TEST_CASE("a required parameter that is empty is refused by its name") {
  using namespace rtk;
  CHECK(refusal_of(participants::Add{"m"}) == "preset_name is required");
  CHECK(refusal_of(participants::Add{"m", "host"}) == "custom_participant_id is required");
  CHECK(refusal_of(participants::Add{"m", "host", "ada"}).empty());
  CHECK(refusal_of(active_session::CreatePoll{"m"}) == "question is required");
  CHECK(refusal_of(active_session::CreatePoll{"m", "Tea?"}) == "options is required");
  CHECK(refusal_of(active_session::CreatePoll{"m", "Tea?", {"yes", "no"}}).empty());
  CHECK(refusal_of(recordings::Start{}) == "meeting_id is required");
  CHECK(refusal_of(recordings::Start{"m"}).empty());
  CHECK(refusal_of(recordings::StartTrack{}) == "meeting_id is required");
  CHECK(refusal_of(recordings::StartTrack{"m"}).empty());
  CHECK(refusal_of(recordings::Control{"r"}) == "action is required");
  CHECK(refusal_of(recordings::Control{"r", RecordingAction::stop}).empty());
  CHECK(refusal_of(webhooks::Create{}) == "name is required");
  CHECK(refusal_of(webhooks::Create{"hook"}) == "url is required");
  CHECK(refusal_of(webhooks::Create{"hook", "https://here"}) == "events is required");
  const std::vector<WebhookEvent> events = {WebhookEvent::meeting_started};
  CHECK(refusal_of(webhooks::Create{"hook", "https://here", events}).empty());
  CHECK(refusal_of(webhooks::Replace{"w", "hook", "https://here"}) == "events is required");
  CHECK(refusal_of(webhooks::Replace{"w", "hook", "https://here", events}).empty());
  const std::vector<WebhookEvent> none;
  CHECK(refusal_of(webhooks::Replace{"w", "hook", "https://here", none}).empty());
  CHECK(refusal_of(apps::Create{}) == "name is required");
  CHECK(refusal_of(apps::Create{"app"}).empty());
  CHECK(refusal_of(presets::Create{}) == "name is required");
  CHECK(refusal_of(presets::Create{"host"}) == "config is required");
  CHECK(refusal_of(presets::Replace{"p", "host"}) == "config is required");
  presets::Create op = preset();
  CHECK(refusal_of(op).empty());
  op.permissions = {};
  CHECK(refusal_of(op) == "permissions is required");
  op = preset();
  op.ui = {};
  CHECK(refusal_of(op) == "ui is required");
}

TEST_CASE("an operation of one's own can have required parameters, of any type") {
  AddNote note;
  CHECK(refusal_of(note) == "title is required");
  note.title = "title";
  CHECK(refusal_of(note) == "tags is required");
  note.tags = {"tag"};
  CHECK(refusal_of(note) == "at is required");
  note.at = "2024-01-01";
  CHECK(refusal_of(note) == "pinned is required");
  note.pinned = false;
  CHECK(refusal_of(note).empty());
  CHECK(refusal_of(FindNotes{}) == "author is required");
  CHECK(refusal_of(FindNotes{"ada"}).empty());
}

TEST_CASE("what a response lacks is not held against the parameters") {
  const auto added = rtk::from_http<AddNote>(answer(200, R"({"success":true,"data":{}})"));
  CHECK(added.has_value());
  const auto app = rtk::from_http<rtk::apps::Create>(
      answer(201, R"({"success":true,"data":{"app":{"id":"a"}}})"));
  CHECK(app.has_value());
}

TEST_CASE("printing a result prints its value or its error") {
  const auto ok = answer(200, R"({"success":true,"data":{"id":"1","stream_key":"CanaryKey"}})");
  const auto live = rtk::from_http<rtk::livestreams::GetSession>(ok);
  REQUIRE(live.has_value());
  CHECK(streamed(live) == streamed(*live));
  const auto one = rtk::from_http<rtk::livestreams::Enable>(ok);
  REQUIRE(one.has_value());
  CHECK(contains(streamed(one), R"("stream_key":"***")"));
  CHECK_FALSE(contains(streamed(one), "CanaryKey"));
  const auto refused =
      rtk::from_http<rtk::livestreams::Enable>(answer(404, R"({"error":{"message":"gone"}})"));
  CHECK(streamed(refused) == refused.error().to_string());
  const rtk::Result<rtk::WebhookEvent> event{rtk::WebhookEvent::meeting_ended};
  CHECK(streamed(event) == "meeting.ended");
}

TEST_CASE("an enum is compared with its constants and with text") {
  const rtk::LivestreamStatus status = rtk::LivestreamStatus::live;
  const std::string text = "LIVE";
  CHECK(status == "LIVE");
  CHECK("LIVE" == status);
  CHECK(status == text);
  CHECK(text == status);
  CHECK(status == std::string_view("LIVE"));
  CHECK(status != "live");
  CHECK("IDLE" != status);
  CHECK_FALSE(status != "LIVE");
  CHECK_FALSE("LIVE" != status);
  CHECK(status == rtk::LivestreamStatus::live);
  CHECK(rtk::LivestreamStatus::idle != status);
  CHECK(status == rtk::LivestreamStatus(text));
  CHECK(rtk::LivestreamStatus() == "");
}

TEST_CASE("a list of booleans is sent and read") {
  const auto request = rtk::to_http(config(), SetFlags{{true, false, std::nullopt}});
  REQUIRE(request.has_value());
  CHECK(request->body == R"({"flags":[true,false,null]})");
  const auto read = rtk::from_http<SetFlags>(
      answer(200, R"({"success":true,"data":{"flags":[true,"false",1]}})"));
  REQUIRE(read.has_value());
  CHECK(read->flags == std::vector<std::optional<bool>>{true, false, true});
}
