# Language, warnings and sanitizers: the same for every target of ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(SKIFF_SANITIZE "" CACHE STRING "sanitizers for every target, as -fsanitize= takes them")

option(SKIFF_UNITY "translate several sources at once where that is faster; off: each by itself, for work on one of them" ON)

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers are cached by content (ADR 0009).
  set(ccache_env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env ${ccache_env} ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Werror -fno-plt
                    -Wno-missing-field-initializers)  # designated initialisers leave defaults out
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()
add_compile_options(-fstack-protector-strong -fPIE)  # everything ends in an executable; one precompiled header for all
if(NOT SKIFF_SANITIZE AND CMAKE_BUILD_TYPE MATCHES Rel)
  add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
if(SKIFF_SANITIZE)
  add_compile_options(-fsanitize=${SKIFF_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SKIFF_SANITIZE})
endif()
add_link_options(-Wl,--as-needed,-z,relro,-z,now)
