# `make install`: headers, both libraries, plug-ins, the torsh command, pkg-config file, CMake package, man page.
include(CMakePackageConfigHelpers)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/torsh DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS torsh_shared torsh_static EXPORT torshTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT torshTargets NAMESPACE torsh:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/torsh)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/torshConfig.cmake.in ${PROJECT_BINARY_DIR}/torshConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/torsh)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/torshConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/torshConfig.cmake ${PROJECT_BINARY_DIR}/torshConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/torsh)

# The static library needs what the shared one has linked already.
set(pc_private "-lpthread -lm -ldl")
foreach(library ${torsh_optional_libraries})
  get_filename_component(name ${library} NAME_WE)
  string(REGEX REPLACE "^lib" "-l" flag ${name})
  string(APPEND pc_private " ${flag}")
endforeach()
foreach(kind lib include)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}DIR}")
    set(pc_${kind}dir "${CMAKE_INSTALL_${kind}DIR}")
  endif()
endforeach()
set(pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
set(pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
# The prefix may be given at install time (cmake --install --prefix), so the file is written then.
configure_file(${PROJECT_SOURCE_DIR}/cmake/torsh.pc.in ${PROJECT_BINARY_DIR}/torsh.pc.in @ONLY)
install(CODE "file(READ \"${PROJECT_BINARY_DIR}/torsh.pc.in\" text)
  string(REGEX REPLACE \"^prefix=[^\\n]*\" \"prefix=\${CMAKE_INSTALL_PREFIX}\" text \"\${text}\")
  file(WRITE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig/torsh.pc\" \"\${text}\")")
