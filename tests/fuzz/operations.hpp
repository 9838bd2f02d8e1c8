// All operations of realtimekit.hpp. Inputs name them by their place: add new ones at the end.
#pragma once

#include "realtimekit.hpp"

namespace rtk = realtimekit;

namespace fuzz {

template <class... Ops> struct Operations {
  static constexpr std::size_t count = sizeof...(Ops);

  // Calls f with a null pointer to the type of one of them.
  template <class F> static void with(std::size_t choice, F f) {
    std::size_t i = 0;
    ((i++ == choice ? f(static_cast<Ops*>(nullptr)) : void()), ...);
  }
};

using AllOperations = Operations<
    rtk::livestreams::Create, rtk::livestreams::Get, rtk::livestreams::List,
    rtk::livestreams::GetActiveSession, rtk::livestreams::GetSession, rtk::livestreams::Enable,
    rtk::livestreams::Disable, rtk::livestreams::ResetStreamKey, rtk::meetings::List,
    rtk::meetings::Create, rtk::meetings::Get, rtk::meetings::Update, rtk::meetings::Replace,
    rtk::meetings::GetActiveLivestream, rtk::meetings::StartLivestream,
    rtk::meetings::StopLivestream, rtk::meetings::GetLivestreams, rtk::participants::List,
    rtk::participants::Add, rtk::participants::Get, rtk::participants::Update,
    rtk::participants::Delete, rtk::participants::RefreshToken, rtk::active_session::Get,
    rtk::active_session::Kick, rtk::active_session::KickAll, rtk::active_session::Mute,
    rtk::active_session::MuteAll, rtk::active_session::CreatePoll, rtk::sessions::List,
    rtk::sessions::Get, rtk::sessions::ListParticipants, rtk::sessions::GetParticipant,
    rtk::sessions::GetPeerReport, rtk::sessions::GetChat, rtk::sessions::GetTranscript,
    rtk::sessions::GetSummary, rtk::sessions::GenerateSummary,
    rtk::sessions::ListLivestreamSessions, rtk::recordings::List, rtk::recordings::Start,
    rtk::recordings::StartTrack, rtk::recordings::Get, rtk::recordings::GetActive,
    rtk::recordings::Control, rtk::presets::List, rtk::presets::Create, rtk::presets::Get,
    rtk::presets::Update, rtk::presets::Replace, rtk::presets::Delete, rtk::webhooks::List,
    rtk::webhooks::Create, rtk::webhooks::Get, rtk::webhooks::Update, rtk::webhooks::Replace,
    rtk::webhooks::Delete, rtk::webhooks::ListEvents, rtk::analytics::GetDaywise,
    rtk::analytics::GetLivestreamsDaywise, rtk::analytics::GetLivestreamsOverall, rtk::apps::List,
    rtk::apps::Create>;
static_assert(AllOperations::count == 63);

}  // namespace fuzz
