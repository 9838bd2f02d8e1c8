// Calls every operation, with Prism between it and the sandbox, and says for each one whether it is
//
//   judged      Prism let pass the requests, of which one had all parameters, and their answers
//   decoded     the library made of the answers what the operation is called for
//   round trip  what was written is what other operations read
//
// Then `api_tests --read FILE` reads what others have written. tests/api_test.sh runs both, before
// a new sandbox; tests/api/sdk.mjs describes FILE, and the file that $API_TESTS_READS names.
#include "calls.hpp"

namespace api {
namespace {

const Timestamp long_ago = "2020-01-01T00:00:00Z", far_away = "2100-01-01T00:00:00Z";
const char* const nobody = "00000000-0000-4000-8000-000000000000";  // the id of nothing

Json with(Json object, const Json& more) { return object.update(more), object; }

template <class T> T first(const std::vector<T>& list) { return list.empty() ? T{} : list[0]; }

template <class T> Texts ids_of(const std::vector<T>& items) {
  Texts ids;
  for (const T& item : items) ids.push_back(item.id);
  return ids;
}

// The same with other numbers and booleans.
Json changed(Json json) {
  if (json.is_boolean()) return !json.get<bool>();
  if (json.is_number()) return json.get<int>() + 1;
  for (Json& inner : json) {
    if (inner.is_structured() || !inner.is_string()) inner = changed(inner);
  }
  return json;
}

// All that a preset can have.
const Json preset_json = Json::parse(R"({
  "config": {
    "view_type": "WEBINAR", "max_screenshare_count": 2, "livestream_viewer_qualities": [720, 1080],
    "max_video_streams": {"desktop": 9, "mobile": 4},
    "media": {"audio": {"enable_high_bitrate": true, "enable_stereo": false},
              "screenshare": {"frame_rate": 5, "quality": "fhd"},
              "video": {"frame_rate": 24, "quality": "hd", "simulcast": true}}},
  "permissions": {
    "accept_stage_requests": true, "accept_waiting_requests": false,
    "can_accept_production_requests": true, "can_change_participant_permissions": false,
    "can_edit_display_name": true, "can_livestream": false, "can_record": true,
    "can_spotlight": false, "disable_participant_audio": true,
    "disable_participant_screensharing": false, "disable_participant_video": true,
    "hidden_participant": false, "is_recorder": true, "kick_participant": false,
    "pin_participant": true, "show_participant_list": false, "stage_enabled": true,
    "transcription_enabled": false, "recorder_type": "LIVESTREAMER", "stage_access": "CAN_REQUEST",
    "waiting_room_type": "SKIP_ON_ACCEPT",
    "chat": {"private": {"can_receive": true, "can_send": false, "files": true, "text": false},
             "public": {"can_send": true, "files": false, "text": true}},
    "connected_meetings": {"can_alter_connected_meetings": true,
      "can_switch_connected_meetings": false, "can_switch_to_parent_meeting": true},
    "media": {"audio": {"can_produce": "ALLOWED"}, "screenshare": {"can_produce": "NOT_ALLOWED"},
              "video": {"can_produce": "CAN_REQUEST"}},
    "plugins": {"can_close": true, "can_edit_config": false, "can_start": true,
      "config": {"notes": {"access_control": "VIEW_ONLY", "handles_view_only": true}}},
    "polls": {"can_create": true, "can_view": false, "can_vote": true}},
  "ui": {
    "config_diff": {"any": 1},
    "design_tokens": {
      "border_radius": "extra-rounded", "border_width": "thin", "spacing_base": 4,
      "theme": "light", "font_family": "Inter", "google_font": "Lato", "logo": "https://x.example/",
      "colors": {
        "background": {"600": "#6", "700": "#7", "800": "#8", "900": "#9", "1000": "#a"},
        "brand": {"300": "#3", "400": "#4", "500": "#5", "600": "#6", "700": "#7"},
        "danger": "red", "success": "green", "text": "gray", "text_on_brand": "white",
        "video_bg": "black", "warning": "orange"}}}
})");

// Without what a preset need not have.
Json least_of(Json preset) {
  const Json nothing = Json::parse(R"({
    "config": {"livestream_viewer_qualities": null,
      "media": {"audio": null, "video": {"simulcast": null}}},
    "permissions": {"accept_stage_requests": null, "is_recorder": null, "stage_access": null,
      "stage_enabled": null, "transcription_enabled": null},
    "ui": {"config_diff": null,
      "design_tokens": {"font_family": null, "google_font": null, "logo": null}}
  })");
  return preset.merge_patch(nothing), preset;
}

// What a meeting and recordings::Start can have in common.
const Json recording_json = Json::parse(R"({
  "max_seconds": 3600, "file_name_prefix": "standup",
  "video_config": {"codec": "H264", "width": 640, "height": 360, "export_file": true,
    "watermark": {"url": "https://x.example/mark.png", "position": "right bottom",
      "size": {"width": 64, "height": 32}}},
  "audio_config": {"codec": "MP3", "channel": "mono", "export_file": true},
  "storage_config": {"type": "aws", "bucket": "b", "region": "us-east-1", "path": "/p",
    "access_key": "a", "secret": "s", "host": "x.example", "port": 22, "username": "u",
    "auth_method": "KEY", "password": "w", "private_key": "k"},
  "realtimekit_bucket_config": {"enabled": true}
})");

// All that a meeting can have.
const Json meeting_json = [] {
  Json meeting = Json::parse(R"({
    "title": "standup", "record_on_start": true, "live_stream_on_start": true,
    "persist_chat": true, "transcribe_on_end": true, "summarize_on_end": true,
    "session_keep_alive_time_in_secs": 120,
    "ai_config": {
      "transcription": {"language": "de", "keywords": ["Prism"], "profanity_filter": true},
      "summarization": {"summary_type": "daily_standup", "text_format": "plain_text",
        "word_limit": 200}}
  })");
  meeting["recording_config"] = recording_json;
  meeting["recording_config"]["live_streaming_config"]["rtmp_url"] = "rtmp://x.example/live";
  return meeting;
}();

class Scenario : public Calls {
 public:
  using Calls::Calls;

  // What it makes it leaves there, for others to read.
  void play() {
    call_apps();
    call_presets();
    call_webhooks();
    call_livestreams();
    call_meetings();
    call_participants();
    call_active_session();
    call_livestreams_of_meeting();
    call_recordings();
    call_sessions();
    call_analytics();
  }

 private:
  std::string preset_;                  // its name
  std::string meeting_, host_, guest_;  // ids: of a meeting, and of those who stay in it
  std::string session_;                 // and of its session
  Texts livestream_sessions_;

  void call_apps() {
    using namespace apps;
    const App studio = all(Create{"Studio"}, {"/id", "/name", "/created_at"});
    const App stage = call(Create{"Stage"});
    const List search{1, 1, "Stage", SortOrder::ascending};
    const App found_app = first(all(search, {"/data/0/name", "/data/0/created_at"}).items);
    same<Create>("app", found_app, stage);
    same<List>("all", pages(List{}), Texts{stage.id, studio.id, "sandbox-app"});
  }

  void call_presets() {
    using namespace presets;
    const auto create = parsed<Create>(with(preset_json, {{"name", "speaker"}}));
    const Texts filled = {"/id",
                          "/name",
                          "/config/media/video/quality",
                          "/permissions/polls",
                          "/ui/design_tokens/theme",
                          "/created_at",
                          "/updated_at"};
    const Preset made = all(create, filled);
    const std::string id = made.id;
    const auto read = [&] { return call(Get{id}); };
    same<Create>("preset", all(Get{id}, filled), made);
    same<Get>("name", read().name, create.name);
    found(create, read());
    refused(409, create);
    refused(404, Get{nobody});
    const Json least = with(least_of(preset_json), {{"name", "listener"}});
    const Preset other = call(parsed<Create>(least));
    found(parsed<Create>(least), other);

    const Json more = {{"preset_id", id}, {"name", "watcher"}};
    const auto update = parsed<Update>(with(changed(preset_json), more));
    all(update, filled);
    found(update, read());
    found(update, call(Update{id, "watcher"}));
    call(parsed<Replace>(with(least, more)));
    same<Replace>("logo", read().ui.design_tokens.logo, "");
    const auto replace =
        parsed<Replace>(with(preset_json, {{"preset_id", id}, {"name", "speaker"}}));
    all(replace, filled);
    const Preset replaced = read();
    same<Replace>("config", replaced.config, create.config);
    same<Replace>("permissions", replaced.permissions, create.permissions);
    same<Replace>("ui", replaced.ui, create.ui);
    preset_ = replaced.name;

    Texts ids = pages(List{});
    ids.resize(2);  // before those that an app has from the start
    same<List>("all", ids, Texts{other.id, id});
    const auto list = all(List{1, 9, "speak"}, {"/data/0/name", "/data/0/created_at"});
    same<List>("found", ids_of(list.items), Texts{id});
    same<Delete>("preset", all(Delete{other.id}, filled), other);
    refused(404, Get{other.id});
    refused(404, Delete{other.id});
  }

  void call_webhooks() {
    using namespace webhooks;
    const auto events = all(ListEvents{}, {"/data/8"}).items;
    const Texts filled = {"/id", "/name", "/url", "/events/0", "/created_at", "/updated_at"};
    const Create create{"recorder", "https://x.example/1", events, false};
    const Webhook made = all(create, filled);
    const std::string id = made.id;
    const auto read = [&] { return call(Get{id}); };
    same<Get>("webhook", all(Get{id}, filled), made);
    same<ListEvents>("events", read().events, events);
    found(create, read());
    refused(409, create);
    refused(404, Get{nobody});
    const WebhookEvent started = WebhookEvent::meeting_started;
    const Webhook other = call(Create{"other", "https://x.example/2", {started}});
    same<Create>("enabled", other.enabled, true);
    same<List>("all", all(List{}, {"/data/1/url", "/data/1/events/0"}).items,
               std::vector{made, other});

    const Update update{id, "new", "https://x.example/3", {{started}}, true};
    all(update, filled);
    found(update, read());
    found(update, call(Update{id, "new"}));
    const Replace replace{id, "newer", "https://x.example/4", events, false};
    all(replace, filled);
    found(replace, read());
    call(Replace{id, "newest", "https://x.example/5", events});
    same<Replace>("name", read().name, "newest");
    same<Delete>("webhook", all(Delete{other.id}, filled), other);
    refused(404, Get{other.id});
  }

  void call_livestreams() {
    using namespace livestreams;
    const Texts filled = {"/id",           "/name",       "/status",
                          "/playback_url", "/stream_key", "/ingest_server"};
    const Create create{"launch"};
    const Livestream made = all(create, filled);
    const std::string id = made.id;
    const auto read = [&] { return call(Get{id}).livestream; };
    found(create, read());
    same<Create>("playback URL", read().playback_url, made.playback_url);
    const Livestream other = call(Create{});
    same<Create>("name", other.name, "nothing");
    refused(404, Get{nobody});
    refused(404, GetSession{nobody});
    refused(404, GetActiveSession{id});
    const List list{
        1,        9,       LivestreamStatus::invoked, true, livestreams::SortOrder::ascending,
        long_ago, far_away};
    const auto listed = all(list, {"/data/1/id", "/data/1/stream_key", "/paging/total_count"});
    same<List>("in order", ids_of(listed.items), Texts{id, other.id});
    same<List>("all", pages(List{}), Texts{other.id, id});

    same<Disable>("answer", all(Disable{id}, filled).disabled, true);
    same<Disable>("disabled", read().disabled, true);
    same<Enable>("answer", all(Enable{id}, filled).disabled, false);
    same<Enable>("disabled", read().disabled, false);
    const Secret key = all(ResetStreamKey{id}, filled).stream_key;
    check<ResetStreamKey>("the key is new", key != made.stream_key);
    check<ResetStreamKey>("Get has it", key == read().stream_key);
  }

  void call_meetings() {
    using namespace meetings;
    const Texts filled = {"/id",        "/title",  "/recording_config/video_config",
                          "/ai_config", "/status", "/created_at",
                          "/updated_at"};
    const auto create = parsed<Create>(meeting_json);
    const Meeting made = all(create, filled);
    meeting_ = made.id;
    same<Get>("meeting", all(Get{meeting_, "standup"}, filled), made);
    found(create, call(Get{meeting_}));
    refused(404, Get{nobody});
    const std::string id = call(Create{}).id;
    const auto read = [&] { return call(Get{id}); };

    const Json inactive = {{"meeting_id", id}, {"title", "retro"}, {"status", "INACTIVE"}};
    const auto update = parsed<Update>(with(changed(meeting_json), inactive));
    all(update, filled);
    found(update, read());
    found(update, call(Update{id, "retro"}));
    same<Replace>("persist_chat", call(Replace{id, "retro"}).persist_chat, false);
    const auto replace = parsed<Replace>(with(meeting_json, {{"meeting_id", id}}));
    all(replace, filled);
    found(replace, read());
    const List list{1, 9, "standup", MeetingStatus::inactive, long_ago, far_away};
    const auto listed = all(list, {"/data/0/title", "/data/0/created_at", "/paging/end_offset"});
    same<List>("found", ids_of(listed.items), Texts{id});
    same<List>("all", pages(List{}), Texts{id, meeting_});
  }

  void call_participants() {
    using namespace participants;
    const Texts filled = {"/id", "/custom_participant_id", "/name", "/preset_name", "/created_at"};
    const Add add{meeting_, preset_, "host-1", "Ann", "https://x.example/ann.png"};
    const Participant made = all(add, filled);
    host_ = made.id;
    const Get get{meeting_, host_};
    const Participant got = all(get, filled);
    found(add, got);
    same<Get>("id", got.id, host_);
    guest_ = call(Add{meeting_, preset_, "guest-1"}).id;
    refused(404, Get{meeting_, nobody});
    refused(404, Add{meeting_, "no such preset", "x"});

    const Update update{meeting_, host_, "Bob", "https://x.example/bob.png", "group_call_host"};
    all(update, filled);
    found(update, call(get));
    const Secret token = all(RefreshToken{meeting_, host_}, {"/token"}).token;
    const Participant unchanged = call(Update{meeting_, host_, "Bob"});
    found(update, unchanged);
    check<RefreshToken>("the token is new", token != made.token);
    check<RefreshToken>("Update has it", token == unchanged.token);

    const std::string id = call(Add{meeting_, preset_, "guest-2"}).id;
    const auto gone = all(Delete{meeting_, id}, {"/custom_participant_id", "/preset_id"});
    same<Delete>("participant", gone.custom_participant_id, "guest-2");
    refused(404, Get{meeting_, id});
    const auto list = all(List{meeting_, 2, 1}, {"/data/0/preset_name", "/paging/total_count"});
    found(Add{meeting_, preset_, "guest-1"}, first(list.items));
    same<List>("all", pages(List{meeting_}), Texts{host_, guest_});
  }

  void call_active_session() {
    using namespace active_session;
    const auto add = [&](const std::string& meeting, const char* name) {
      return call(participants::Add{meeting, preset_, name}).id;
    };
    const std::string third = add(meeting_, "guest-3"), fourth = add(meeting_, "guest-4"),
                      fifth = add(meeting_, "guest-5");
    const Session got = all(Get{meeting_}, {"/id", "/type", "/status", "/started_at"});
    session_ = got.id;
    same<Get>("meeting", got.associated_id, meeting_);
    const auto present = [&] { return call(Get{meeting_}).live_participants; };
    same<Get>("participants", present(), 5);

    const Texts filled = {"/action", "/participants/0/id", "/participants/1/created_at"};
    const auto muted = all(Mute{meeting_, {host_}, {"guest-1"}}, filled);
    same<Mute>("muted", ids_of(muted.participants), Texts{host_, guest_});
    same<Mute>("one", ids_of(call(Mute{meeting_, {host_}}).participants), Texts{host_});
    const auto all_muted = all(MuteAll{meeting_, true}, {"/action", "/muted_participants_count"});
    same<MuteAll>("muted", all_muted.muted_participants_count, 5);
    same<MuteAll>("muted", call(MuteAll{meeting_}).muted_participants_count, 5);

    const Texts tea = {"yes", "no"};
    const auto poll = [](const CreatedPoll& made) {
      Texts texts;
      for (const PollOption& option : made.poll.options) texts.push_back(option.text);
      return texts;
    };
    const CreatePoll create{meeting_, "Tea?", tea, true, true};
    const CreatedPoll made = all(create, {"/action", "/poll/id", "/poll/options/1"});
    found(create, made.poll, {"options"});
    same<CreatePoll>("options", poll(made), tea);
    same<CreatePoll>("options", poll(call(CreatePoll{meeting_, "Tea?", tea})), tea);

    const auto kicked = all(Kick{meeting_, {third}, {"guest-4"}}, filled);
    same<Kick>("kicked", ids_of(kicked.participants), Texts{third, fourth});
    same<Kick>("participants left", present(), 3);
    call(Kick{meeting_, {fifth}});
    same<Kick>("participants left", present(), 2);
    const std::string other = call(meetings::Create{}).id;
    add(other, "guest-6");
    const auto all_kicked = all(KickAll{other}, {"/action", "/kicked_participants_count"});
    same<KickAll>("kicked", all_kicked.kicked_participants_count, 1);
    refused(404, Get{other});
  }

  void call_livestreams_of_meeting() {
    using namespace meetings;
    const GetActiveLivestream get_active{meeting_};
    refused(404, get_active);
    const std::string first_id = call(StartLivestream{meeting_}).id;
    same<StartLivestream>("active", call(get_active).id, first_id);
    refused(400, StartLivestream{meeting_});
    all(StopLivestream{meeting_}, {"/message"});
    refused(404, get_active);
    const LivestreamDetails stopped = call(livestreams::Get{first_id});
    same<StopLivestream>("status", stopped.livestream.status, "IDLE");

    const StartLivestream start{meeting_, "talk", {640, 360}};
    const std::string id = all(start, {"/id", "/status", "/playback_url"}).id;
    const Livestream live = all(get_active, {"/id", "/name", "/playback_url", "/created_at"});
    found(start, live, {"video_config"});
    same<GetActiveLivestream>("id", live.id, id);
    same<GetActiveLivestream>("status", live.status, "LIVE");
    const auto active = all(livestreams::GetActiveSession{id},
                            {"/livestream/stream_key", "/session/id", "/session/started_time"});
    same<livestreams::GetActiveSession>("livestream", active.livestream, live);
    const livestreams::GetSession get_session{active.session.id};
    const auto session = all(get_session, {"/id", "/livestream_id", "/started_time"});
    same<livestreams::GetSession>("session", session, active.session);
    const std::vector both = {first(stopped.sessions), session};
    livestream_sessions_ = ids_of(both);

    const livestreams::Get get{id, 1, 1};
    const auto got = all(get, {"/livestream/id", "/sessions/0/id", "/paging/total_count"});
    same<livestreams::Get>("livestream", got.livestream, live);
    same<livestreams::Get>("sessions", got.sessions, std::vector{session});
    const GetLivestreams page{meeting_, 2, 1};
    const auto second = all(page, {"/livestreams/1/id", "/sessions/0/id", "/paging/total_count"});
    same<GetLivestreams>("second page", second.sessions, std::vector{session});
    same<GetLivestreams>("livestreams", second.livestreams, std::vector{stopped.livestream, live});
    same<GetLivestreams>("sessions", call(GetLivestreams{meeting_}).sessions, both);
  }

  void call_recordings() {
    using namespace recordings;
    const std::string first_id = call(Start{meeting_}).id;
    same<Start>("active", call(GetActive{meeting_}).id, first_id);
    refused(409, Start{meeting_});
    refused(404, Get{nobody});
    const Control pause{first_id, RecordingAction::pause};
    const auto status = [&] { return call(Get{first_id}).status; };
    same<Control>("answer", all(pause, {"/id", "/status", "/started_time"}).status, "PAUSED");
    same<Control>("after pause", status(), "PAUSED");
    call(Control{first_id, RecordingAction::resume});
    same<Control>("after resume", status(), "RECORDING");
    same<Control>("answer", call(Control{first_id, RecordingAction::stop}).status, "UPLOADING");
    same<Control>("after stop", status(), "UPLOADED");
    all(Get{first_id}, {"/id", "/download_url", "/file_size", "/recording_duration",
                        "/start_reason/caller/user_Id", "/stop_reason/reason"});
    refused(400, pause);
    refused(404, GetActive{meeting_});

    const Json more = Json::parse(R"({
      "allow_multiple_recordings": true, "rtmp_out_config": {"rtmp_url": "rtmp://x.example/live"},
      "interactive_config": {"type": "ID3"}, "url": "https://x.example/stage"
    })");
    const auto start = parsed<Start>(with(with(recording_json, more), {{"meeting_id", meeting_}}));
    const Recording made = all(start, {"/id", "/status", "/output_file_name", "/invoked_time"});
    const Recording got = call(Get{made.id});
    same<Get>("session", got.session_id, session_);
    same<Get>("file", got.output_file_name, made.output_file_name);
    same<Start>("prefix", got.output_file_name.substr(0, 7), "standup");
    same<Start>("bucket", got.storage_config.bucket, start.storage_config.bucket);
    const Recording active = all(GetActive{meeting_}, {"/id", "/status", "/output_file_name"});
    same<GetActive>("id", active.id, made.id);

    const TrackOutput output{TrackOutputType::storage_config, start.storage_config};
    const TrackLayer layer{"voice", MediaKind::audio, {output}};
    const StartTrack track{meeting_, {guest_}, {{"default", layer}}, 60};
    const Recording voice = all(track, {"/id", "/status", "/output_file_name", "/invoked_time"});
    same<StartTrack>("prefix", call(Get{voice.id}).output_file_name.substr(0, 5), "voice");
    const std::string voices = call(StartTrack{meeting_}).id;

    List list{meeting_, 1, 9};
    list.status = {RecordingStatus::uploaded, RecordingStatus::errored};
    list.expired = false;
    list.search = "standup";
    list.sort_by = SortBy::invoked_time;
    list.sort_order = SortOrder::ascending;
    list.start_time = long_ago;
    list.end_time = far_away;
    const auto listed = all(list, {"/data/0/meeting/title", "/data/0/status", "/paging"});
    same<List>("found", ids_of(listed.items), Texts{first_id});
    same<List>("all", pages(List{}), Texts{voices, voice.id, made.id, first_id});
  }

  void call_sessions() {
    using namespace sessions;
    List list{1, 9, SessionStatus::live, meeting_, "", "standup"};
    list.sort_by = SortBy::created_at;
    list.sort_order = SortOrder::ascending;
    list.start_time = long_ago;
    list.end_time = far_away;
    const auto listed = all(list, {"/data/0/associated_id", "/data/0/meeting_display_name"});
    same<List>("found", ids_of(listed.items), Texts{session_});
    const Texts ids = pages(List{});
    same<List>("all", ids, Texts{first(ids), session_});
    same<active_session::KickAll>("status", call(Get{first(ids)}).status, "ENDED");
    const Session got = all(Get{session_, true}, {"/id", "/type", "/status", "/started_at"});
    same<Get>("at most", got.max_concurrent_participants, 5);
    refused(404, Get{nobody});

    ListParticipants search{session_, 1, 9, "host-1"};
    search.sort_by = ParticipantSortBy::joined_at;
    search.sort_order = SortOrder::ascending;
    search.include_peer_events = true;
    search.view = View::raw;
    const auto matches = all(search, {"/data/0/joined_at", "/data/0/peer_events/1/event_name"});
    const SessionParticipant peer = first(matches.items);
    same<ListParticipants>("participant", peer.user_id, host_);
    same<ListParticipants>("all", pages(ListParticipants{session_}).size(), 6);
    const Texts filled = {"/id", "/user_id", "/joined_at", "/peer_events/1", "/quality_stats/0"};
    const auto one = all(GetParticipant{session_, peer.id, true}, filled);
    same<GetParticipant>("events", one.peer_events, peer.peer_events);
    same<GetParticipant>("participant", call(GetParticipant{session_, peer.id}).user_id, host_);
    const auto stats = all(GetPeerReport{peer.id, "quality_stats", true}, filled);
    same<GetPeerReport>("events", stats.peer_events, one.peer_events);
    same<GetPeerReport>("quality", stats.quality_stats, one.quality_stats);
    const auto report = call(GetPeerReport{peer.id});
    same<GetPeerReport>("device", report.peer_stats, one.peer_stats);
    same<GetPeerReport>("session", report.session_id, session_);

    const auto has = [](const std::string& url, const std::string& part) {
      return url.find(part) != std::string::npos;
    };
    const auto chat = all(GetChat{session_}, {"/chat_download_url", "/chat_download_url_expiry"});
    check<GetChat>("it is of the session", has(chat.chat_download_url, session_));
    const GetTranscript vtt{session_, TranscriptFormat::vtt};
    const auto transcript = all(vtt, {"/session_id", "/transcript_download_url_expiry"});
    check<GetTranscript>("VTT",
                         has(transcript.transcript_download_url, session_ + "/transcript.vtt"));
    const auto csv = call(GetTranscript{session_}).transcript_download_url;
    check<GetTranscript>("CSV", has(csv, session_ + "/transcript.csv"));
    const SummaryJob job = all(GenerateSummary{session_}, {"/session_id", "/status"});
    const auto summary = all(GetSummary{session_}, {"/session_id", "/summary_download_url_expiry"});
    same<GenerateSummary>("session", job.session_id, summary.session_id);
    check<GetSummary>("it is of the session", has(summary.summary_download_url, session_));

    const ListLivestreamSessions streamed{session_, 1, 1};
    all(streamed, {"/data/0/livestream_id", "/data/0/started_time", "/paging/total_count"});
    const Texts all_streamed = pages(ListLivestreamSessions{session_});
    same<ListLivestreamSessions>("all", all_streamed, livestream_sessions_);
  }

  void call_analytics() {
    using namespace analytics;
    const auto total = [](const auto& page) { return page.paging.total_count.value_or(0); };
    const auto sessions_now = total(call(sessions::List{}));
    const GetDaywise all_days{"2020-01-01", "2100-01-01"};
    const auto daywise = all(all_days, {"/session_stats/day_stats/0/day",
                                        "/recording_stats/day_stats/0/total_recordings"});
    same<GetDaywise>("sessions", daywise.session_stats.sessions_count, sessions_now);
    same<GetDaywise>("sessions", call(GetDaywise{}).session_stats.sessions_count, sessions_now);
    same<GetDaywise>("recordings", daywise.recording_stats.recording_count,
                     total(call(recordings::List{})));

    const auto livestreams_now = total(call(livestreams::List{}));
    const std::int64_t begin = 1577836800, end = 4102444800;  // long_ago, far_away
    const auto sum = [](const Page<LivestreamStats>& days) {
      std::int64_t count = 0;
      for (const LivestreamStats& day : days.items) count += day.count;
      return count;
    };
    const GetLivestreamsDaywise days{begin, end, "x"};
    const auto by_days = all(days, {"/data/0/date", "/data/0/total_ingest_seconds"});
    same<GetLivestreamsDaywise>("livestreams", sum(by_days), livestreams_now);
    same<GetLivestreamsDaywise>("all", sum(call(GetLivestreamsDaywise{})), livestreams_now);
    const GetLivestreamsOverall overall{begin, end, "x"};
    const auto whole = all(overall, {"/total_ingest_seconds", "/total_viewer_seconds"});
    same<GetLivestreamsOverall>("livestreams", whole.count, livestreams_now);
    same<GetLivestreamsOverall>("all", call(GetLivestreamsOverall{}).count, livestreams_now);
  }
};

// Prints MODELS.
void read_all(const Client& client, const char* file) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const Json wanted = Json::parse(line);
    const auto found = std::find_if(std::begin(operations), std::end(operations), [&](auto& one) {
      return one.route->method == Method::get && wanted["operationId"] == one.id;
    });
    if (found == std::end(operations)) throw std::runtime_error("no such read: " + line);
    std::cout << found->read(client, found->id, wanted["parameters"]) << '\n';
  }
}

}  // namespace
}  // namespace api

int main(int argc, char** argv) try {
  auto config = realtimekit::Config::from_env().value();
  config.retry.max_attempts = 1;
  const realtimekit::Client client{config};
  if (argc == 3 && argv[1] == std::string("--read")) {
    api::read_all(client, argv[2]);
    return 0;
  }
  api::Scenario scenario(client);
  scenario.play();
  return scenario.print() ? 0 : 1;
} catch (const std::exception& failure) {
  std::cerr << "FAILED: api_tests: " << failure.what() << '\n';
  return 1;
}
