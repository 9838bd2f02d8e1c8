// Reports about the device, network and media of a participant. All values are invented; only ids
// and times differ between participants.
#pragma once

#include "request.hpp"

namespace sandbox {

namespace made_up {

inline Json fractions(std::initializer_list<const char*> names) {
  Json all;
  for (const char* name : names) all[name] = 0.01;
  return all;
}
inline Json distribution(double value) {
  return {{"avg", value}, {"p50", value}, {"p75", value}, {"p90", value}};
}
inline Json delays() {
  Json all = fractions({"100ms_or_greater_event_fraction", "250ms_or_greater_event_fraction",
                        "500ms_or_greater_event_fraction"});
  all["avg"] = 23.5;
  return all;
}
inline Json losses() {
  Json all = fractions({"5_or_greater_event_fraction", "10_or_greater_event_fraction",
                        "25_or_greater_event_fraction", "50_or_greater_event_fraction"});
  all["avg"] = 0.25;
  return all;
}

// One measurement of a stream. `kind`: audio or video; `role`: consumer or producer.
inline Json sample(const Json& peer, const std::string& kind, const std::string& role) {
  Json all = {{"timestamp", peer["joined_at"]},
              {"mid", "0"},
              {"ssrc", 3735928559},
              {"producer_id", "producer-" + kind},
              {"jitter", 0.004},
              {"mos_quality", 4.4},
              {"packets_lost", 1}};
  const bool consumes = role == "consumer";
  all.update(consumes ? Json{{"consumer_id", "consumer-" + kind},
                             {"peer_id", peer["id"]},
                             {"bytes_received", 48000},
                             {"packets_received", 400},
                             {"jitter_buffer_delay", 12.5},
                             {"jitter_buffer_emitted_count", 384}}
                      : Json{{"bytes_sent", 48000}, {"packets_sent", 400}, {"rtt", 0.031}});
  if (kind == "audio") {
    if (consumes) all["concealment_events"] = 2;
    return all;
  }
  all.update({{"fir_count", 0},
              {"frame_height", 720},
              {"frame_width", 1280},
              {"frames_per_second", 29.97}});
  all.update(consumes
                 ? Json{{"frames_decoded", 300}, {"frames_dropped", 1}, {"key_frames_decoded", 3}}
                 : Json{{"frames_encoded", 300},
                        {"key_frames_encoded", 3},
                        {"pli_count", 0},
                        {"quality_limitation_durations",
                         {{"bandwidth", 0}, {"cpu", 0}, {"none", 10.5}, {"other", 0}}},
                        {"quality_limitation_reason", "none"},
                        {"quality_limitation_resolution_changes", 0}});
  return all;
}

// A summary of the measurements of such streams.
inline Json cumulative(const std::string& kind, const std::string& role) {
  const bool consumes = role == "consumer";
  Json all = {{"packet_loss", losses()}, {"quality_mos", distribution(4.4)}};
  all[consumes ? "jitter_buffer_delay" : "rtt"] = delays();
  if (kind == "audio") return all;
  all["frame_per_second"] = distribution(29.97);
  all["frame_width"] = distribution(1280);
  all[consumes ? "key_frames_decoded_fraction" : "key_frames_encoded_fraction"] = 0.01;
  if (!consumes) all["high_negative_feedback_fraction"] = 0;
  all["issues"] = consumes
                      ? fractions({"lag_fraction", "no_video_fraction", "poor_resolution_fraction"})
                      : fractions({"bandwidth_quality_limitation_fraction",
                                   "cpu_quality_limitation_fraction", "no_video_fraction",
                                   "poor_resolution_fraction", "quality_limitation_fraction"});
  return all;
}

inline Json candidate_pair() {
  return Json::parse(R"({
    "available_incoming_bitrate": 0, "available_outgoing_bitrate": 2500000,
    "bytes_discarded_on_send": 0, "bytes_received": 480000, "bytes_sent": 480000,
    "current_round_trip_time": 0.031, "total_round_trip_time": 0.62, "nominated": true,
    "last_packet_received_timestamp": 1689421719000, "last_packet_sent_timestamp": 1689421719000,
    "local_candidate_address": "192.0.2.7", "local_candidate_id": "I1",
    "local_candidate_port": 50000,
    "local_candidate_network_type": "wifi", "local_candidate_protocol": "udp",
    "local_candidate_related_address": "192.0.2.7", "local_candidate_related_port": 50000,
    "local_candidate_type": "host", "local_candidate_url": "stun:stun.sandbox.example:3478",
    "packets_discarded_on_send": 0, "packets_received": 4000, "packets_sent": 4000,
    "remote_candidate_address": "198.51.100.9", "remote_candidate_id": "I2",
    "remote_candidate_port": 3478, "remote_candidate_protocol": "udp",
    "remote_candidate_type": "host", "remote_candidate_url": "stun:stun.sandbox.example:3478"
  })");
}

inline Json device(const Json& peer, const std::string& kind) {
  const std::string id = peer["id"].get<std::string>() + "-" + kind;  // the same in each response
  return {{"device_id", id}, {"kind", kind}, {"label", "Sandbox device"}};
}

inline Json devices(const Json& peer, const char* kind) {
  return Json::array({{{"added", Json::array({device(peer, kind)})},
                       {"removed", Json::array({device(peer, kind)})},
                       {"timestamp", peer["joined_at"]}}});
}

}  // namespace made_up

// The older form: device and network.
inline Json peer_stats(const Json& peer) {
  Json stats = Json::parse(R"({
    "config": "default", "status": "ready",
    "device_info": {
      "browser": "Firefox", "browser_version": "128.0", "cpus": 8, "engine": "Gecko",
      "is_mobile": false, "memory": 16, "os": "Linux", "os_version": "6.1",
      "sdk_name": "web-core", "sdk_version": "1.2.3", "user_agent": "Mozilla/5.0",
      "webgl_support": "true"
    },
    "ip_information": {
      "city": "Lisbon", "country": "PT", "ip_location": "38.72,-9.14", "ipv4": "192.0.2.7",
      "org": "Example", "portal": "example", "region": "Lisbon", "timezone": "Europe/Lisbon"
    },
    "precall_network_information": {
      "backend_rtt": 31, "turn_connectivity": true, "effective_networktype": "4g",
      "throughtput": 2500, "jitter": 4, "rtt": 31, "reflexive_connectivity": true,
      "relay_connectivity": true, "fractional_loss": 0.01
    }
  })");  // "throughtput": sic
  stats["events"] = Json::array({{{"timestamp", peer["joined_at"]}, {"type", "joined"}}});
  return stats;
}

// The older form: media.
inline Json quality_stats(const Json& peer) {
  return {{"peer_id", peer["id"]},
          {"audio_bandwidth", 32.5},
          {"video_bandwidth", 1500},
          {"average_quality", 4.4},
          {"start", peer["joined_at"]},
          {"end", peer["left_at"]},
          {"audio_packet_loss", 0.25},
          {"video_packet_loss", 0.25},
          {"audio_stats", Json::array({made_up::sample(peer, "audio", "producer")})},
          {"video_stats", Json::array({made_up::sample(peer, "video", "producer")})}};
}

// The newer form: both.
inline Json peer_report(const Json& peer) {
  Json metadata = Json::parse(R"({
    "browser_metadata": {
      "browser": "Firefox", "browser_version": "128.0", "engine": "Gecko",
      "user_agent": "Mozilla/5.0", "webgl_support": true
    },
    "device_info": {"cpus": 8, "is_mobile": false, "os": "Linux", "os_version": "6.1"},
    "ip_information": {
      "asn": {"asn": "AS64496", "domain": "example.net", "name": "Example", "route": "192.0.2.0/24",
              "type": "isp"},
      "city": "Lisbon", "country": "PT", "ipv4": "192.0.2.7", "org": "Example", "region": "Lisbon",
      "timezone": "Europe/Lisbon"
    },
    "native_metadata": {"audio_encoder": "opus", "video_encoder": "vp8"},
    "room_view_type": "GROUP_CALL", "sdk_name": "web-core", "sdk_type": "web",
    "sdk_version": "1.2.3"
  })");
  const Json& time = peer["joined_at"];
  metadata["audio_devices_updates"] = made_up::devices(peer, "audioinput");
  metadata["speaker_devices_updates"] = made_up::devices(peer, "audiooutput");
  metadata["video_devices_updates"] = made_up::devices(peer, "videoinput");
  metadata["selected_device_updates"] =
      Json::array({{{"device", made_up::device(peer, "audioinput")}, {"timestamp", time}}});
  metadata["candidate_pairs"] = {{"consuming_transport", Json::array({made_up::candidate_pair()})},
                                 {"producing_transport", Json::array({made_up::candidate_pair()})}};
  metadata["events"] = Json::array(
      {{{"name", "join"}, {"metadata", {{"attempt", 1}, {"first", true}}}, {"timestamp", time}}});
  metadata["pc_metadata"] = Json::array({{{"effective_network_type", "4g"},
                                          {"reflexive_connectivity", true},
                                          {"relay_connectivity", true},
                                          {"turn_connectivity", true},
                                          {"sdp", Json::array({"v=0"})},
                                          {"timestamp", time}}});
  Json quality;
  for (const char* source : {"", "screenshare_"}) {
    for (const char* kind : {"audio", "video"}) {
      for (const char* role : {"consumer", "producer"}) {
        const std::string name = std::string(source) + kind + "_" + role;
        quality[name] = Json::array({made_up::sample(peer, kind, role)});
        quality[name + "_cumulative"] = made_up::cumulative(kind, role);
      }
    }
  }
  return {{"metadata", metadata}, {"quality", quality}};
}

}  // namespace sandbox
