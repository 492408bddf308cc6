#!/bin/sh
# The torsh command: what it prints and its exit codes. usage: torsh_test.sh path/to/torsh
torsh=$1
failed=0

expect() { # exit code, text that the output has, arguments
    code=$1 text=$2
    shift 2
    output=$("$torsh" "$@" 2>&1)
    got=$?
    if [ $got -ne "$code" ] || ! printf '%s' "$output" | grep -qF -- "$text"; then
        echo "torsh $*: exit code $got, expected $code and '$text' in:" >&2
        printf '%s\n' "$output" | head -5 >&2
        failed=1
    fi
}

expect 0 "usage: torsh" --help
expect 0 "usage: torsh" -h
expect 0 "torsh 0." --version
expect 0 "threads" info
expect 0 "cuda" info
expect 0 "torsh_add(tensor input, tensor other)" ops
expect 0 "torsh_add_out" ops add
expect 0 '"name": "add"' ops --json add
expect 0 '"differentiable": false' ops eq --json
expect 1 "there is no op 'nonsense'" ops nonsense
expect 2 "a command is missing"
expect 2 "unknown command 'nonsense'" nonsense
expect 2 "unknown option '--nonsense'" ops --nonsense
expect 2 "unexpected 'more'" info more
expect 2 "unexpected 'sub'" ops add sub

if "$torsh" ops > /dev/full 2> /dev/null; then
    echo "torsh ops to a full disk: exit code 0" >&2
    failed=1
fi
if python3 -c 'import json' 2> /dev/null; then
    "$torsh" ops --json | python3 -c 'import json, sys; ops = json.load(sys.stdin); assert len({o["name"] for o in ops}) == len(ops) > 100' || failed=1
fi
exit $failed
