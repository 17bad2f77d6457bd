# SPDX-License-Identifier: Apache-2.0
# One place for the language level, warnings, hardening and sanitizers of our own code.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR "g++ ${CMAKE_CXX_COMPILER_VERSION} destroys some temporaries twice in co_await expressions "
                      "(heap corruption); use clang 19 (cmake --preset dev) or g++ 14 or newer")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "clang ${CMAKE_CXX_COMPILER_VERSION} has no std::expected with libstdc++; use clang 19 "
                      "(cmake --preset dev)")
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(openpcc_flags INTERFACE)
target_compile_options(openpcc_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wtype-limits -Wnon-virtual-dtor -Werror
  # The last match wins, so the source directory comes first and the build directory second.
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${CMAKE_BINARY_DIR}/=
  -fstack-protector-strong -fcf-protection -fstack-clash-protection)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 14 takes Asio's allocation of coroutine frames for mismatched (it pairs operator new with another delete).
  target_compile_options(openpcc_flags INTERFACE -Wno-missing-field-initializers -Wno-mismatched-new-delete)
else()
  target_compile_options(openpcc_flags INTERFACE -Wno-missing-designated-field-initializers -Wno-gnu-statement-expression)
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(openpcc_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
target_link_options(openpcc_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
set(CMAKE_EXE_LINKER_FLAGS "${CMAKE_EXE_LINKER_FLAGS} -pie")

if(OPENPCC_SANITIZE)
  target_compile_options(openpcc_flags INTERFACE -fsanitize=${OPENPCC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(openpcc_flags INTERFACE -fsanitize=${OPENPCC_SANITIZE})
endif()
if(OPENPCC_FUZZ)
  target_compile_options(openpcc_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
