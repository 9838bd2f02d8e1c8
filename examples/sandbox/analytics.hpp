// Analytics: totals of an app by day.
#pragma once

#include "livestreams.hpp"
#include "sessions.hpp"
#include "store.hpp"

namespace sandbox::analytics {

// ---- Parts.

struct Sum {
  int count = 0;
  double amount = 0;       // seconds of ingest, or minutes
  double more_amount = 0;  // seconds of viewing
  void add(const Sum& other) {
    count += other.count;
    amount += other.amount;
    more_amount += other.more_amount;
  }
};
using Days = std::map<std::string, Sum>;  // by day, such as 2023-07-15

inline Sum total(const Days& days) {
  Sum all;
  for (const auto& [day, sum] : days) all.add(sum);
  return all;
}

inline std::string day_of(const Json& time) { return time.get<std::string>().substr(0, 10); }

// Only these operations take times in seconds since 1970.
inline Period query_period_in_seconds(const Call& call) {
  const auto time = [&](const char* name) -> std::optional<std::string> {
    static const std::regex digits("[0-9]{1,12}");
    const auto value = query(call, name);
    if (!value) return std::nullopt;
    if (!std::regex_match(*value, digits)) refuse(name, "must be a number");
    return iso_time(std::chrono::seconds(std::stoll(*value)));
  };
  return {time("start_time"), time("end_time")};
}

inline Period query_days(const Call& call) {
  const auto day = [&](const char* name) {
    static const std::regex date(R"(\d{4}-\d\d-\d\d)");
    const auto value = query(call, name);
    if (value && !std::regex_match(*value, date)) refuse(name, "must be in YYYY-MM-DD format");
    return value;
  };
  return {day("start_date"), day("end_date")};
}

// The query parameter "filters" is ignored: its meaning is not documented.
inline Days livestream_days(Store& store, const Call& call) {
  const Period period = query_period_in_seconds(call);
  Days days;
  for (const Json& livestream : store.livestreams) {
    if (!period.has(livestream["created_at"])) continue;
    Sum sum{1};
    for (const Json& session : livestreams::sessions_of(store, livestream)) {
      sum.amount += session["ingest_seconds"].get<double>();
      sum.more_amount += session["viewer_seconds"].get<double>();
    }
    days[day_of(livestream["created_at"])].add(sum);
  }
  return days;
}

inline Json livestream_stats(const Sum& sum) {
  return {{"count", sum.count},
          {"total_ingest_seconds", sum.amount},
          {"total_viewer_seconds", sum.more_amount}};
}

// ---- Operations.

inline Answer livestreams_daywise(Store& store, const Call& call) {
  List found;
  for (const auto& [day, sum] : livestream_days(store, call)) {
    found.push_back(livestream_stats(sum));
    found.back()["date"] = day;
  }
  return success(found);
}

inline Answer livestreams_overall(Store& store, const Call& call) {
  return success(livestream_stats(total(livestream_days(store, call))));
}

inline Answer daywise(Store& store, const Call& call) {
  const Period period = query_days(call);
  Days session_sums, recording_sums;
  for (const Json& session : store.sessions) {
    const std::string day = day_of(session["started_at"]);
    const double minutes = sessions::shown(store, session)["minutes_consumed"];
    if (period.has(day)) session_sums[day].add({1, minutes});
  }
  for (const Json& recording : store.recordings) {
    const std::string day = day_of(recording["invoked_time"]);
    const double minutes = minutes_between(recording["started_time"], recording["stopped_time"]);
    if (period.has(day)) recording_sums[day].add({1, minutes});
  }
  List session_days, recording_days;
  for (const auto& [day, sum] : session_sums) {
    session_days.push_back(
        {{"day", day}, {"total_sessions", sum.count}, {"total_session_minutes", sum.amount}});
  }
  for (const auto& [day, sum] : recording_sums) {
    recording_days.push_back(
        {{"day", day}, {"total_recordings", sum.count}, {"total_recording_minutes", sum.amount}});
  }
  return success({{"session_stats",
                   {{"sessions_count", total(session_sums).count},
                    {"sessions_minutes_consumed", total(session_sums).amount},
                    {"day_stats", session_days}}},
                  {"recording_stats",
                   {{"recording_count", total(recording_sums).count},
                    {"recording_minutes_consumed", total(recording_sums).amount},
                    {"day_stats", recording_days}}}});
}

}  // namespace sandbox::analytics
