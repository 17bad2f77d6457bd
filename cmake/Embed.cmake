# SPDX-License-Identifier: Apache-2.0
# Files inside a program, so that it needs none beside it. Included it defines
#
#   openpcc_embed(OUT FILES PATH=FILE...)   OUT is C++ that defines page_files() of apps/proxy/page.hpp
#
# and as a script (cmake -P) it writes OUT, whenever one of the files is newer.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(OPENPCC_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
  function(openpcc_embed out)
    cmake_parse_arguments(ARG "" "" "FILES" ${ARGN})
    set(files ${ARG_FILES})
    list(TRANSFORM files REPLACE "^[^=]*=" "${CMAKE_CURRENT_SOURCE_DIR}/")
    list(JOIN ARG_FILES "|" given)
    add_custom_command(OUTPUT ${out}
      COMMAND ${CMAKE_COMMAND} -DOUT=${out} "-DFILES=${given}" -DFOLDER=${CMAKE_CURRENT_SOURCE_DIR} -P ${OPENPCC_EMBED_SCRIPT}
      DEPENDS ${files} ${OPENPCC_EMBED_SCRIPT} VERBATIM)
  endfunction()
  return()
endif()

set(arrays "")
set(rows "")
set(number 0)
string(REPLACE "|" ";" FILES "${FILES}")
foreach(given ${FILES})
  string(REGEX MATCH "^([^=]*)=(.*\\.([a-z]+))$" matched ${given})
  set(path ${CMAKE_MATCH_1})
  set(file ${FOLDER}/${CMAKE_MATCH_2})
  set(ending ${CMAKE_MATCH_3})
  if(ending STREQUAL "html")
    set(type "text/html; charset=utf-8")
  elseif(ending STREQUAL "js")
    set(type "text/javascript; charset=utf-8")
  elseif(ending STREQUAL "css")
    set(type "text/css; charset=utf-8")
  elseif(ending STREQUAL "svg")
    set(type "image/svg+xml")
  else()
    message(FATAL_ERROR "no media type is known for ${given}")
  endif()
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND arrays "constexpr char kFile${number}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${path}\", \"${type}\", {kFile${number}, sizeof kFile${number}}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "// SPDX-License-Identifier: Apache-2.0
// Made by cmake/Embed.cmake.
#include \"apps/proxy/page.hpp\"

namespace openpcc::proxy {

namespace {
${arrays}constexpr PageFile kFiles[] = {
${rows}};
}  // namespace

std::span<const PageFile> page_files() { return kFiles; }

}  // namespace openpcc::proxy
")
