// The apps of an account.
#pragma once

#include "store.hpp"

namespace sandbox::apps {

inline Answer list(Store& store, const Call& call) {
  List found;
  for (const Json& app : store.apps) {
    if (searched_for(call, app, {"id", "name"})) found.push_back(app);
  }
  put_in_order(call, found);
  const Json paging = cut_to_page(call, found);
  return success_with_paging(found, paging);
}

inline Answer create(Store& store, const Call& call) {
  const Json body = object_in(call, {{"name!", "string"}});
  store.apps.push_back(
      {{"id", random_uuid()}, {"name", body["name"]}, {"created_at", iso_time_now()}});
  return success({{"app", store.apps.back()}});
}

}  // namespace sandbox::apps
