# SPDX-License-Identifier: Apache-2.0
# Debian packages, one for each party: `cpack -G DEB` in a build folder (tools/package/build). Packages of a build with
# simulated hardware have other names, so that nobody gets one by an upgrade or by mistake.
set(OPENPCC_SUFFIX "")
set(OPENPCC_WARNING "")
if(OPENPCC_SIMULATED_HARDWARE)
  set(OPENPCC_SUFFIX "-simulated")
  set(OPENPCC_WARNING "SIMULATED HARDWARE, which protects nothing: for development alone.\n.\n")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "OpenPCC maintainers <maintainers@openpcc.invalid>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# openpcc_package(NAME SUMMARY TEXT [DEPENDS ...] [SCRIPTS ...])
function(openpcc_package name)
  cmake_parse_arguments(ARG "" "SUMMARY;TEXT" "DEPENDS;SCRIPTS" ${ARGN})
  string(TOUPPER ${name} upper)
  set(CPACK_COMPONENTS_ALL ${CPACK_COMPONENTS_ALL} ${name} PARENT_SCOPE)
  set(package ${name}${OPENPCC_SUFFIX})
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${ARG_SUMMARY}\n${OPENPCC_WARNING}${ARG_TEXT}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION net PARENT_SCOPE)
  string(REPLACE ";" ", " depends "${ARG_DEPENDS}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}" PARENT_SCOPE)
  if(OPENPCC_SIMULATED_HARDWARE)
    set(CPACK_DEBIAN_${upper}_PACKAGE_CONFLICTS ${name} PARENT_SCOPE)
  else()
    set(CPACK_DEBIAN_${upper}_PACKAGE_CONFLICTS ${name}-simulated PARENT_SCOPE)
  endif()
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${ARG_SCRIPTS}" PARENT_SCOPE)
  install(FILES ${CMAKE_SOURCE_DIR}/deploy/debian/copyright DESTINATION share/doc/${package} COMPONENT ${name})
endfunction()

# A daemon: its program, its unit, its user, and the scripts that make and remove what it needs.
function(openpcc_daemon_package role)
  cmake_parse_arguments(ARG "" "SUMMARY;TEXT;STATE" "DEPENDS" ${ARGN})
  set(name openpcc-${role})
  set(OPENPCC_ROLE ${role})
  set(OPENPCC_STATE ${ARG_STATE})
  foreach(script postinst prerm postrm)
    set(made ${CMAKE_BINARY_DIR}/debian/${role}/${script})
    configure_file(${CMAKE_SOURCE_DIR}/deploy/debian/${script}.in ${made} @ONLY)
    file(CHMOD ${made} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    list(APPEND scripts ${made})
  endforeach()
  install(TARGETS ${role}d DESTINATION libexec/openpcc COMPONENT ${name})
  install(FILES ${CMAKE_SOURCE_DIR}/deploy/systemd/${name}@.service DESTINATION /usr/lib/systemd/system COMPONENT ${name})
  openpcc_package(${name} SUMMARY "${ARG_SUMMARY}" TEXT "${ARG_TEXT}" DEPENDS adduser ${ARG_DEPENDS} SCRIPTS ${scripts})
  string(TOUPPER ${name} upper)
  foreach(field PACKAGE_NAME DESCRIPTION PACKAGE_SECTION PACKAGE_DEPENDS PACKAGE_CONFLICTS PACKAGE_CONTROL_EXTRA)
    set(CPACK_DEBIAN_${upper}_${field} "${CPACK_DEBIAN_${upper}_${field}}" PARENT_SCOPE)
  endforeach()
  set(CPACK_COMPONENTS_ALL ${CPACK_COMPONENTS_ALL} PARENT_SCOPE)
endfunction()

install(TARGETS openpcc DESTINATION bin COMPONENT openpcc)
openpcc_package(openpcc SUMMARY "ask a confidential LLM service whose machines were verified"
  TEXT "Verifies the evidence of each node, seals prompts to those that are good\nenough, and answers the OpenAI API on this machine (openpcc proxy)."
  DEPENDS ca-certificates)
install(TARGETS openpcc-admin DESTINATION bin COMPONENT openpcc-admin)
file(GLOB pages ${CMAKE_SOURCE_DIR}/docs/operate/*.md)
install(FILES ${pages} DESTINATION share/doc/openpcc-admin${OPENPCC_SUFFIX} COMPONENT openpcc-admin)
openpcc_package(openpcc-admin SUMMARY "the operator's tool of a confidential LLM service"
  TEXT "Makes a service (keys, configurations, policy, profile), and signs, checks\nand compares policies.")
openpcc_daemon_package(relay SUMMARY "relay of a confidential LLM service: hides who asks"
  TEXT "Forwards sealed requests to one gateway; sees ciphertext alone." DEPENDS ca-certificates)
openpcc_daemon_package(gateway SUMMARY "gateway of a confidential LLM service: picks a node"
  TEXT "Opens the outer layer of a request and picks a node; never sees a prompt." DEPENDS ca-certificates
  STATE "/var/lib/openpcc-gateway-*")
install(PROGRAMS ${CMAKE_SOURCE_DIR}/tools/engine/fetch ${CMAKE_SOURCE_DIR}/tools/engine/mirrors
  DESTINATION libexec/openpcc/engine COMPONENT openpcc-node)
install(FILES ${CMAKE_SOURCE_DIR}/tools/engine/lock DESTINATION libexec/openpcc/engine COMPONENT openpcc-node)
install(FILES ${CMAKE_SOURCE_DIR}/models/demo/demo.gguf DESTINATION share/openpcc/models COMPONENT openpcc-node)
openpcc_daemon_package(node SUMMARY "node of a confidential LLM service: answers inside a TEE"
  TEXT "Proves what machine and code it is, opens sealed requests and asks the\nengine, which runs in a sandbox without a network."
  DEPENDS bubblewrap xz-utils zstd ca-certificates STATE "/var/cache/openpcc /run/openpcc-node-*")
include(CPack)
