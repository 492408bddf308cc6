#!/usr/bin/env bash
# What `make check` has no time for. Usage: tests/check-all.sh [quick]   (quick: what fits the gate's 25 minutes)
# Each step prints ok, FAILED or skipped with its reason; the exit code is 1 if any failed.
set -u
cd "$(dirname "$0")/.."
quick=${1:-}
build=${BUILD:-build}/check-all
mkdir -p "$build"
generator=$(command -v ninja >/dev/null && echo "-G Ninja")
failed=0

step() { # name, command...
  local name=$1 start=$SECONDS; shift
  if "$@" >"$build/$name.log" 2>&1; then
    printf '%-28s ok       %4d s\n' "$name" $((SECONDS - start))
  else
    printf '%-28s FAILED   %4d s   (%s)\n' "$name" $((SECONDS - start)) "$build/$name.log"
    tail -30 "$build/$name.log"
    failed=1
  fi
}
skip() { printf '%-28s skipped: %s\n' "$1" "$2"; }

build_in() { # folder, cmake arguments...
  local folder=$build/$1; shift
  cmake -S . -B "$folder" $generator "$@" && cmake --build "$folder" -j "$(nproc)"
}
test_in() { (cd "$build/$1" && shift && ctest --output-on-failure -j "$(nproc)" "$@"); }

asan() {
  build_in asan -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DTORSH_SANITIZE=address,undefined -DTORSH_BENCH=OFF &&
    ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 test_in asan -LE 'install|slow'
}
tsan() {
  build_in tsan -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DTORSH_SANITIZE=thread -DTORSH_BENCH=OFF -DTORSH_ONEDNN=OFF &&
    TORSH_NUM_THREADS=3 test_in tsan -L 'core|autograd|data|ops' -E 'baseline|avx2'
}
bare() { build_in bare -DTORSH_ONEDNN=OFF -DTORSH_JANSSON=OFF -DTORSH_WEBGPU=OFF -DTORSH_BENCH=OFF && test_in bare -L 'core|ops|autograd|nn|optim'; }
isa() { # the whole suite once per instruction set
  for capability in baseline avx2 avx512 neon; do
    (cd "${BUILD:-build}" && TORSH_CPU_CAPABILITY=$capability ctest --output-on-failure -j "$(nproc)" -L 'core|backend|ops|autograd|nn|optim') || return 1
  done
}
clang_build() { build_in clang -DCMAKE_C_COMPILER=clang -DTORSH_WERROR=ON -DTORSH_BENCH=OFF && test_in clang -L 'core|ops'; }
aarch64() {
  build_in aarch64 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DTORSH_ONEDNN=OFF \
    -DTORSH_JANSSON=OFF -DTORSH_WEBGPU=OFF -DTORSH_BENCH=OFF -DTORSH_TESTS=OFF -DTORSH_EXAMPLES=OFF -DCMAKE_EXE_LINKER_FLAGS=-static &&
    aarch64-linux-gnu-gcc -std=c17 -O1 -D_GNU_SOURCE -DTORSH_GOLDEN_DIR="\"$PWD/tests/golden\"" -DTORSH_WITHOUT_CMOCKA -Iinclude -iquote tests/ops -iquote src/core \
      -iquote src/backend -iquote src/tensor tests/ops/golden_test.c tests/ops/records.c "$build/aarch64/src/libtorsh.a" -static -lm -lpthread \
      -o "$build/aarch64/golden_test" &&
    qemu-aarch64-static "$build/aarch64/golden_test"
}
oom() { "${BUILD:-build}/tests/oom/oom_test" all; }
tidy() {
  cmake -S . -B "$build/tidy" $generator -DTORSH_TESTS=OFF -DTORSH_BENCH=OFF &&
    git ls-files 'src/core/*.c' 'src/tensor/*.c' 'src/autograd/*.c' 'src/nn/*.c' 'src/optim/*.c' 'src/data/*.c' | xargs -P "$(nproc)" -n 4 clang-tidy -p "$build/tidy" --quiet
}
cpp_check() {
  cppcheck --std=c11 --quiet --error-exitcode=1 --inline-suppr --enable=warning,portability --suppress=missingInclude --suppress=syntaxError \
    -D__x86_64__ -I include -i src/backend/cpu src/core src/tensor src/autograd src/nn src/optim src/data
}
ulp() { "${BUILD:-build}/tests/backend/vmath_mpfr" --exhaustive; }
fuzz() { tests/fuzz/run.sh "$build/fuzz" "${FUZZ_SECONDS:-30}"; }

have() { command -v "$1" >/dev/null 2>&1; }

step asan-ubsan asan
[ -x "${BUILD:-build}/tests/oom/oom_test" ] && step allocation-failure oom || skip allocation-failure "oom_test is not built"
step no-library bare
if [ "$quick" = quick ]; then
  exit $failed
fi
step tsan tsan
step every-isa isa
if have clang; then step clang clang_build; else skip clang "clang is not installed"; fi
if have aarch64-linux-gnu-gcc && have qemu-aarch64-static; then step aarch64 aarch64; else skip aarch64 "no cross compiler or no qemu"; fi
if have clang && [ -x tests/fuzz/run.sh ]; then step fuzz fuzz; else skip fuzz "clang is not installed"; fi
[ -x "${BUILD:-build}/tests/backend/vmath_mpfr" ] && step ulp ulp || skip ulp "MPFR was missing at build time"
if have clang-tidy; then step clang-tidy tidy; else skip clang-tidy "not installed"; fi
if have cppcheck; then step cppcheck cpp_check; else skip cppcheck "not installed"; fi
exit $failed
