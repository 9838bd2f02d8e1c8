// All operations of realtimekit.hpp, each with its name in tests/api/openapi.yaml: the one list of
// them, for all tests. Inputs of fuzz targets name them by their place: new ones stand at the end.
#pragma once

#define FOR_EACH_OPERATION(X)                                                     \
  X(livestreams::Create, "create_livestream")                                     \
  X(livestreams::Get, "get-v2-livestream-session-livestream-id")                  \
  X(livestreams::List, "fetch_all_livestreams")                                   \
  X(livestreams::GetActiveSession, "get-v2-active-livestream-session-details")    \
  X(livestreams::GetSession, "get-v2-livestreams-livestream-session-id")          \
  X(livestreams::Enable, "enable-livestream")                                     \
  X(livestreams::Disable, "disable-livestream")                                   \
  X(livestreams::ResetStreamKey, "reset-stream-key")                              \
  X(meetings::List, "get_all_meetings")                                           \
  X(meetings::Create, "create_meeting")                                           \
  X(meetings::Get, "get_meeting")                                                 \
  X(meetings::Update, "update_meeting")                                           \
  X(meetings::Replace, "replace_meeting")                                         \
  X(meetings::GetActiveLivestream, "get-v2-meetings-meetingId-active-livestream") \
  X(meetings::StartLivestream, "start-livestreaming")                             \
  X(meetings::StopLivestream, "stop_livestreaming")                               \
  X(meetings::GetLivestreams, "livestream-session-details")                       \
  X(participants::List, "get_meeting_participants")                               \
  X(participants::Add, "add_participant")                                         \
  X(participants::Get, "get_meeting_participant")                                 \
  X(participants::Update, "edit_participant")                                     \
  X(participants::Delete, "delete_meeting_participant")                           \
  X(participants::RefreshToken, "regenerate_token")                               \
  X(active_session::Get, "GetActiveSession")                                      \
  X(active_session::Kick, "KickPartcipants")                                      \
  X(active_session::KickAll, "KickAllParticipants")                               \
  X(active_session::Mute, "MuteParticipants")                                     \
  X(active_session::MuteAll, "MuteAllParticipants")                               \
  X(active_session::CreatePoll, "CreatePoll")                                     \
  X(sessions::List, "GetSessions")                                                \
  X(sessions::Get, "GetSessionDetails")                                           \
  X(sessions::ListParticipants, "GetSessionParticipants")                         \
  X(sessions::GetParticipant, "GetParticipantDetails")                            \
  X(sessions::GetPeerReport, "GetParticipantDataFromPeerId")                      \
  X(sessions::GetChat, "GetSessionChat")                                          \
  X(sessions::GetTranscript, "GetSessionTranscript")                              \
  X(sessions::GetSummary, "GetSessionSummary")                                    \
  X(sessions::GenerateSummary, "post-sessions-session_id-summary")                \
  X(sessions::ListLivestreamSessions,                                             \
    "get-v2-livestreamsession-session-meetingId-active-livestream")               \
  X(recordings::List, "get_all_recordings")                                       \
  X(recordings::Start, "start_recording")                                         \
  X(recordings::StartTrack, "startTrackRecordingForAMeeting")                     \
  X(recordings::Get, "get_one_recording")                                         \
  X(recordings::GetActive, "get_active_recording")                                \
  X(recordings::Control, "pause_resume_stop_recording")                           \
  X(presets::List, "get-presets")                                                 \
  X(presets::Create, "post-presets")                                              \
  X(presets::Get, "get-presets-preset_id")                                        \
  X(presets::Update, "patch-presets-preset_id")                                   \
  X(presets::Replace, "put-presets-preset_id")                                    \
  X(presets::Delete, "delete-presets-preset_id")                                  \
  X(webhooks::List, "getAllWebhooks")                                             \
  X(webhooks::Create, "addWebhook")                                               \
  X(webhooks::Get, "getWebhook")                                                  \
  X(webhooks::Update, "editWebhook")                                              \
  X(webhooks::Replace, "replaceWebhook")                                          \
  X(webhooks::Delete, "deleteWebhook")                                            \
  X(webhooks::ListEvents, "getAllWebhookEvents")                                  \
  X(analytics::GetDaywise, "get-org-analytics")                                   \
  X(analytics::GetLivestreamsDaywise, "get-livestream-analytics-daywise")         \
  X(analytics::GetLivestreamsOverall, "get-livestream-analytics-complete")        \
  X(apps::List, "get_apps")                                                       \
  X(apps::Create, "create_app")
