// All operations of the sandbox and the state that they share.
#pragma once

#include <functional>
#include <mutex>

#include "active_session.hpp"
#include "analytics.hpp"
#include "apps.hpp"
#include "livestreams.hpp"
#include "meetings.hpp"
#include "presets.hpp"
#include "recordings.hpp"
#include "sessions.hpp"
#include "store.hpp"
#include "webhooks.hpp"

namespace sandbox {

// In `path`, "{name}" matches one segment, which becomes Call::path[name].
struct Route {
  const char* method;
  const char* path;       // below `below`; of two that match, the first is used
  const char* operation;  // for faults and statistics
  Rule rule;
};

inline constexpr char below[] = "/accounts/{account_id}/realtime/kit";

inline constexpr Route routes[] = {
    {"GET", "/apps", "apps.list", apps::list},
    {"POST", "/apps", "apps.create", apps::create},

    {"GET", "/{app_id}/livestreams", "livestreams.list", livestreams::list},
    {"POST", "/{app_id}/livestreams", "livestreams.create", livestreams::create},
    {"GET", "/{app_id}/livestreams/sessions/{livestream_session_id}", "livestreams.get_session",
     livestreams::get_session},
    {"GET", "/{app_id}/livestreams/{livestream_id}", "livestreams.get", livestreams::get},
    {"GET", "/{app_id}/livestreams/{livestream_id}/active-livestream-session",
     "livestreams.get_active_session", livestreams::get_active_session},
    {"PUT", "/{app_id}/livestreams/{livestream_id}/enable", "livestreams.enable",
     livestreams::enable},
    {"PUT", "/{app_id}/livestreams/{livestream_id}/disable", "livestreams.disable",
     livestreams::disable},
    {"POST", "/{app_id}/livestreams/{livestream_id}/reset-stream-key",
     "livestreams.reset_stream_key", livestreams::reset_stream_key},
    {"POST", "/{app_id}/meetings/{meeting_id}/livestreams", "livestreams.start",
     livestreams::start},
    {"GET", "/{app_id}/meetings/{meeting_id}/livestream", "livestreams.list_of_meeting",
     livestreams::list_of_meeting},
    {"GET", "/{app_id}/meetings/{meeting_id}/active-livestream", "livestreams.get_active",
     livestreams::get_active},
    {"POST", "/{app_id}/meetings/{meeting_id}/active-livestream/stop", "livestreams.stop",
     livestreams::stop_active},
    {"GET", "/{app_id}/sessions/{session_id}/livestream-sessions", "livestreams.list_of_session",
     livestreams::list_of_session},

    {"GET", "/{app_id}/meetings", "meetings.list", meetings::list},
    {"POST", "/{app_id}/meetings", "meetings.create", meetings::create},
    {"GET", "/{app_id}/meetings/{meeting_id}", "meetings.get", meetings::get},
    {"PATCH", "/{app_id}/meetings/{meeting_id}", "meetings.update", meetings::update},
    {"PUT", "/{app_id}/meetings/{meeting_id}", "meetings.replace", meetings::replace},

    {"GET", "/{app_id}/meetings/{meeting_id}/participants", "participants.list",
     participants::list},
    {"POST", "/{app_id}/meetings/{meeting_id}/participants", "participants.add", participants::add},
    {"GET", "/{app_id}/meetings/{meeting_id}/participants/{participant_id}", "participants.get",
     participants::get},
    {"PATCH", "/{app_id}/meetings/{meeting_id}/participants/{participant_id}", "participants.edit",
     participants::edit},
    {"DELETE", "/{app_id}/meetings/{meeting_id}/participants/{participant_id}",
     "participants.remove", participants::remove},
    {"POST", "/{app_id}/meetings/{meeting_id}/participants/{participant_id}/token",
     "participants.refresh_token", participants::refresh_token},

    {"GET", "/{app_id}/meetings/{meeting_id}/active-session", "active_session.get",
     active_session::get},
    {"POST", "/{app_id}/meetings/{meeting_id}/active-session/kick", "active_session.kick",
     active_session::kick},
    {"POST", "/{app_id}/meetings/{meeting_id}/active-session/kick-all", "active_session.kick_all",
     active_session::kick_all},
    {"POST", "/{app_id}/meetings/{meeting_id}/active-session/mute", "active_session.mute",
     active_session::mute},
    {"POST", "/{app_id}/meetings/{meeting_id}/active-session/mute-all", "active_session.mute_all",
     active_session::mute_all},
    {"POST", "/{app_id}/meetings/{meeting_id}/active-session/poll", "active_session.create_poll",
     active_session::create_poll},

    {"GET", "/{app_id}/sessions", "sessions.list", sessions::list},
    {"GET", "/{app_id}/sessions/peer-report/{peer_id}", "sessions.get_peer_report",
     sessions::get_peer_report},
    {"GET", "/{app_id}/sessions/{session_id}", "sessions.get", sessions::get},
    {"GET", "/{app_id}/sessions/{session_id}/participants", "sessions.list_participants",
     sessions::list_participants},
    {"GET", "/{app_id}/sessions/{session_id}/participants/{participant_id}",
     "sessions.get_participant", sessions::get_participant},
    {"GET", "/{app_id}/sessions/{session_id}/chat", "sessions.get_chat", sessions::get_chat},
    {"GET", "/{app_id}/sessions/{session_id}/transcript", "sessions.get_transcript",
     sessions::get_transcript},
    {"GET", "/{app_id}/sessions/{session_id}/summary", "sessions.get_summary",
     sessions::get_summary},
    {"POST", "/{app_id}/sessions/{session_id}/summary", "sessions.make_summary",
     sessions::make_summary},

    {"GET", "/{app_id}/recordings", "recordings.list", recordings::list},
    {"POST", "/{app_id}/recordings", "recordings.start", recordings::start},
    {"POST", "/{app_id}/recordings/track", "recordings.start_track", recordings::start_track},
    {"GET", "/{app_id}/recordings/active-recording/{meeting_id}", "recordings.get_active",
     recordings::get_active},
    {"GET", "/{app_id}/recordings/{recording_id}", "recordings.get", recordings::get},
    {"PUT", "/{app_id}/recordings/{recording_id}", "recordings.control", recordings::control},

    {"GET", "/{app_id}/presets", "presets.list", presets::list},
    {"POST", "/{app_id}/presets", "presets.create", presets::create},
    {"GET", "/{app_id}/presets/{preset_id}", "presets.get", presets::get},
    {"PATCH", "/{app_id}/presets/{preset_id}", "presets.update", presets::update},
    {"PUT", "/{app_id}/presets/{preset_id}", "presets.replace", presets::replace},
    {"DELETE", "/{app_id}/presets/{preset_id}", "presets.remove", presets::remove},

    {"GET", "/{app_id}/webhooks", "webhooks.list", webhooks::list},
    {"POST", "/{app_id}/webhooks", "webhooks.create", webhooks::create},
    {"GET", "/{app_id}/webhooks/all", "webhooks.list_events", webhooks::list_events},
    {"GET", "/{app_id}/webhooks/{webhook_id}", "webhooks.get", webhooks::get},
    {"PATCH", "/{app_id}/webhooks/{webhook_id}", "webhooks.edit", webhooks::edit},
    {"PUT", "/{app_id}/webhooks/{webhook_id}", "webhooks.replace", webhooks::replace},
    {"DELETE", "/{app_id}/webhooks/{webhook_id}", "webhooks.remove", webhooks::remove},

    {"GET", "/{app_id}/analytics/daywise", "analytics.daywise", analytics::daywise},
    {"GET", "/{app_id}/analytics/livestreams/daywise", "analytics.livestreams_daywise",
     analytics::livestreams_daywise},
    {"GET", "/{app_id}/analytics/livestreams/overall", "analytics.livestreams_overall",
     analytics::livestreams_overall},
};

// GET /user/tokens/verify, which is not of RealtimeKit, in the form of Cloudflare's other APIs.
inline Answer verify_token(const Call&) {
  const Json message = {{"code", 10000}, {"message", "This API Token is valid and active"}};
  const Json result = {{"id", random_hex(32)}, {"status", "active"}};
  return {200,
          {{"success", true},
           {"errors", Json::array()},
           {"messages", Json::array({message})},
           {"result", result}}};
}

// The state of all apps of the account: the initial one and those created since. Thread-safe.
class State {
 public:
  // `deliver` is called for each event and each webhook that wants it.
  State(std::string account, std::string app,
        std::function<void(const Json& webhook, const Json& event)> deliver)
      : account_(std::move(account)), app_(std::move(app)), deliver_(std::move(deliver)) {
    clear();
  }

  // For the livestreams to come.
  void use(MediaServer media) { media_ = std::move(media); }

  Answer apply(Rule rule, const Call& call) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const App app = app_of(call);
    if (app.first != account_) {  // as if the token has no access to the account
      const Json message = {{"code", 10000}, {"message", "Authentication error"}};
      return {403,
              {{"success", false},
               {"errors", Json::array({message})},
               {"messages", Json::array()},
               {"result", nullptr}}};
    }
    if (!app.second.empty()) existing(stores_[{account_, ""}].apps, "app", app.second);
    const auto [found, is_new] = stores_.try_emplace(app);
    Store& store = found->second;
    if (is_new) store.presets = presets::defaults(), store.media = media_;
    const Answer answer = rule(store, call);
    deliver_events(store);
    return answer;
  }

  // Calls `use_it(store, livestream)` for the livestream whose `member` has that value. Returns its
  // result, or false if there is none.
  template <class Use>
  bool with_livestream(const char* member, const std::string& value, Use use_it) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [app, store] : stores_) {
      Json* const livestream = find(store.livestreams, member, value);
      if (!livestream) continue;
      const bool result = use_it(store, *livestream);
      deliver_events(store);
      return result;
    }
    return false;
  }

  // Returns how many livestreams were created: none can be deleted.
  std::size_t livestreams() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::size_t sum = 0;
    for (const auto& [app, store] : stores_) sum += store.livestreams.size();
    return sum;
  }

  void clear() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stores_.clear();
    stores_[{account_, ""}].apps.push_back(
        {{"id", app_}, {"name", "sandbox"}, {"created_at", iso_time_now()}});
  }

 private:
  void deliver_events(Store& store) {
    for (const Json& event : std::exchange(store.events, {})) {
      for (const Json& webhook : store.webhooks) {
        const Json& wanted = webhook["events"];
        const bool has_it = std::find(wanted.begin(), wanted.end(), event["event"]) != wanted.end();
        if (webhook["enabled"] == true && has_it) deliver_(webhook, event);
      }
    }
  }

  const std::string account_, app_;
  const std::function<void(const Json&, const Json&)> deliver_;
  MediaServer media_;  // not changed after the first request
  mutable std::mutex mutex_;
  std::map<App, Store> stores_;
};

}  // namespace sandbox
