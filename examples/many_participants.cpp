// Adds a thousand participants to a new meeting, on one thread, with 32 requests at a time.
//     c++ -std=c++17 -I.. many_participants.cpp -lcurl && ./a.out [COUNT]
#define REALTIMEKIT_NO_HTTPLIB
#include "curl_loop.hpp"
#include <iostream>

namespace rtk = realtimekit;
using rtk::participants::Add;
using Clock = std::chrono::steady_clock;

struct Job {
  Add add;
  rtk::HttpRequest request;
  rtk::Attempts attempts;
};

// Adds each participant once. Retries of some do not delay the others, unless the rate is limited.
static void add_all(const rtk::Config& config, CurlLoop& loop, const std::vector<Add>& adds) {
  std::size_t next = 0, added = 0, retried = 0, failed = 0;
  std::multimap<Clock::time_point, Job> retries;  // by the time of the attempt
  const auto begin = Clock::now();
  auto resume = begin;  // later after status 429: the limit applies to all requests
  const auto start = [&](Job job) {
    job.request.timeout = job.attempts.timeout();
    loop.start(job.request, [&, job](CurlLoop::Received received) mutable {
      auto result = rtk::from_http(std::move(received), config.api_token, &job.add);
      if (const auto delay = job.attempts.next(result)) {
        ++retried;
        if (result.error().status == 429) resume = std::max(resume, Clock::now() + *delay);
        retries.emplace(Clock::now() + *delay, std::move(job));
      } else if (!result) {
        ++failed;
        std::cerr << job.add.custom_participant_id << ": " << result.error() << '\n';
      } else if (++added % 100 == 0) {  // here, the program would keep result->token
        std::cout << added << " added, " << retries.size() << " wait for a retry" << std::endl;
      }
    });
  };
  while (next < adds.size() || !retries.empty() || loop.in_flight() > 0) {
    while (loop.in_flight() < 32 && Clock::now() >= resume) {
      if (!retries.empty() && retries.begin()->first <= Clock::now()) {
        start(std::move(retries.extract(retries.begin()).mapped()));
      } else if (next < adds.size()) {
        const Add& add = adds[next++];
        const auto request = rtk::to_http(config, add).value();
        start({add, request, rtk::Attempts(config, request)});
      } else {
        break;
      }
    }
    loop.turn(20);
  }
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  std::cout << added << " added, " << retried << " retried, " << failed << " failed, "
            << seconds.count() << " s\n";
}

int main(int argc, char** argv) try {
  auto config = rtk::Config::from_env().value();
  config.retry.max_retry_after = std::chrono::minutes(5);  // Cloudflare's limits are per 5 minutes
  config.total_timeout = std::chrono::minutes(15);         // of one participant
  CurlLoop loop;
  const rtk::BasicClient client{config, [&](const rtk::HttpRequest& request) {
                                  std::optional<CurlLoop::Received> received;
                                  loop.start(request, [&](auto got) { received = std::move(got); });
                                  while (!received) loop.turn(1000);
                                  return *std::move(received);
                                }};
  const std::string meeting = client.send(rtk::meetings::Create{"many"}).value().id;
  const int count = argc > 1 ? std::atoi(argv[1]) : 1000;
  std::map<std::string, int> listed;  // how often, by custom_participant_id
  // An add whose response was lost may have succeeded: only what the list lacks is added again.
  for (int round = 1; round <= 3; ++round) {
    std::vector<Add> adds;
    for (int i = 1; i <= count; ++i) {
      const std::string person = "person-" + std::to_string(i);
      if (listed[person] == 0) adds.push_back({meeting, "group_call_participant", person});
    }
    if (adds.empty()) break;
    add_all(config, loop, adds);
    listed.clear();
    for (const auto& person : client.pages(rtk::participants::List{meeting, {}, 100}))
      ++listed[person.value().custom_participant_id];
  }
  int missing = count, twice = 0;
  for (const auto& [person, times] : listed) missing -= times > 0, twice += times > 1;
  std::cout << count << " wanted, " << missing << " missing, " << twice << " twice\n";
  return missing != 0 || twice != 0;
} catch (const std::exception& wrong) {
  return std::cerr << wrong.what() << '\n', 1;
}
