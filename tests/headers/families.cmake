# Fails if a file under SOURCE includes a header that has all ops.
file(GLOB_RECURSE files ${SOURCE}/*.c ${SOURCE}/*.h)
foreach(file ${files})
  file(STRINGS ${file} found REGEX "# *include <torsh/(ops|torsh)\\.h>")
  if(found)
    message(SEND_ERROR "${file}: ${found} (include <torsh/ops/FAMILY.h> of what it calls)")
  endif()
endforeach()
