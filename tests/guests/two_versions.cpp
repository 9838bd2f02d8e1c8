// Two versions of the library in one process: as plug-ins, whose paths are given, or linked in.
#include <cstdio>
#include <string>
#ifdef PLUGINS
#include <dlfcn.h>

static std::string call(const char* path, const char* name) {
  void* const plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void* const function = plugin ? dlsym(plugin, name) : nullptr;
  if (!function) return dlerror();
  return reinterpret_cast<const char* (*)()>(function)();
}
#else
extern "C" const char* present();
extern "C" const char* next();
#endif

static bool same(const std::string& got, const std::string& wanted) {
  if (got != wanted) std::printf("got:    %s\nwanted: %s\n", got.c_str(), wanted.c_str());
  return got == wanted;
}

static std::string wanted(const std::string& region) {
  return R"({"id":"the-id",)" + (region.empty() ? "" : R"("region":")" + region + R"(",)") +
         R"("name":"launch","status":"LIVE","ingest_server":"rtmps://live/","stream_key":"***",)"
         R"("playback_url":"https://play/","meeting_id":"the-meeting","disabled":false})"
         "\nthe-id launch rtmps://live/ the-key https://play/ LIVE the-meeting" +
         (region.empty() ? "" : " " + region);
}

int main(int argc, char** argv) {
  (void)argc, (void)argv;
  for (int i = 0; i < 2; ++i) {
#ifdef PLUGINS
    const std::string older = call(argv[1], "present"), newer = call(argv[2], "next");
#else
    const std::string older = present(), newer = next();
#endif
    if (!same(older, wanted("")) || !same(newer, wanted("weur"))) return 1;
  }
}
