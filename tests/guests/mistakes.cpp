// What users get wrong. MISTAKE: which of it.
#include "realtimekit.hpp"

namespace rtk = realtimekit;

struct Row {
#if MISTAKE == 1
  std::vector<bool> flags{};
#elif MISTAKE == 2
  float flags{};
#elif MISTAKE == 3
  std::vector<unsigned> flags{};
#else
  std::vector<std::optional<bool>> flags{};
#endif
  REALTIMEKIT_FIELDS(flags)
};

struct GetRow {
  static constexpr rtk::Route route = rtk::Route::get("/rows/{row_id}");
  using Response = Row;
  std::string row_id{};
  REALTIMEKIT_FIELDS(row_id)
};

static rtk::Result<rtk::Page<rtk::Livestream>> list() { return rtk::Error{}; }

int main() {
  std::size_t size = 0;
#if MISTAKE == 4
  for (const auto& live : list().value().items) size += live.id.size();
#elif MISTAKE == 5
  const auto& page = *list();
  size += page.items.size();
#elif MISTAKE == 6
  rtk::livestreams::List{};
  list();
#else
  const auto page = list();
  if (page) size += page->items.size();
#endif
  return rtk::from_http<GetRow>(rtk::HttpResponse{}) && size ? 0 : 1;
}
