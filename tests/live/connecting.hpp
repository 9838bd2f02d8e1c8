// What the system knows of connections that are being made.
#pragma once

#include "calls.hpp"

#ifdef _WIN32
#include <iphlpapi.h>
#endif

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// How many sockets of this process wait for an answer to their SYN to that port.
#ifdef _WIN32
inline std::size_t connecting_to(int port) {
  const auto size_of_table = std::size_t{1} << 20;
  std::vector<std::uint64_t> v4(size_of_table / 8), v6(size_of_table / 8);
  auto* const v4_table = reinterpret_cast<MIB_TCPTABLE*>(v4.data());
  auto* const v6_table = reinterpret_cast<MIB_TCP6TABLE*>(v6.data());
  ULONG v4_size = size_of_table, v6_size = size_of_table;
  REQUIRE(::GetTcpTable(v4_table, &v4_size, FALSE) == NO_ERROR);
  REQUIRE(::GetTcp6Table(v6_table, &v6_size, FALSE) == NO_ERROR);
  const DWORD wanted = htons(static_cast<std::uint16_t>(port));
  std::size_t count = 0;
  for (DWORD i = 0; i < v4_table->dwNumEntries; ++i) {
    const auto& row = v4_table->table[i];
    count += row.dwState == MIB_TCP_STATE_SYN_SENT && row.dwRemotePort == wanted;
  }
  for (DWORD i = 0; i < v6_table->dwNumEntries; ++i) {
    const auto& row = v6_table->table[i];
    count += row.State == MIB_TCP_STATE_SYN_SENT && row.dwRemotePort == wanted;
  }
  return count;
}
#else
inline std::size_t connecting_to(int port) {
  std::size_t count = 0;
  char end[16];
  std::snprintf(end, sizeof end, ":%04X", static_cast<unsigned>(port));
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string number, from, to, state;
      words >> number >> from >> to >> state;
      count += contains(to, end) && state == "02";
    }
  }
  return count;
}
#endif
