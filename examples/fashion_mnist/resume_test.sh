#!/bin/sh
# The demo's promise, on the built-in digits: killed in the middle, interrupted and resumed, it ends with the same bits as a run
# that nothing disturbed. usage: resume_test.sh path/to/train path/to/eval
train=$1 eval=$2
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
args="--data /nonexistent --epochs 3 --batch 16 --save-every 20"

die() {
    echo "$1" >&2
    exit 1
}

# Starts train in the background and sends the signal once the checkpoint has appeared or changed.
disturb() { # signal, more arguments
    signal=$1
    shift
    before=$(stat -c %i "$folder/b/fashion.safetensors" 2> /dev/null)
    "$train" $args --out "$folder/b" "$@" > "$folder/log" 2>&1 &
    pid=$!
    while [ "$(stat -c %i "$folder/b/fashion.safetensors" 2> /dev/null)" = "$before" ]; do
        kill -0 $pid 2> /dev/null || die "train ended early: $(cat "$folder/log")"
        sleep 0.02
    done
    sleep "0.0$((pid % 10))"
    kill -"$signal" $pid
    wait $pid
    code=$?
}

"$train" $args --out "$folder/a" --threads 1 > "$folder/whole" 2>&1 || die "the undisturbed run failed: $(cat "$folder/whole")"

disturb KILL
[ $code -eq 137 ] || die "after kill -9: exit code $code"
disturb KILL --resume
grep -q "resuming behind step [1-9]" "$folder/log" || die "it didn't resume: $(cat "$folder/log")"
disturb INT --resume
[ $code -eq 130 ] || die "after SIGINT: exit code $code: $(cat "$folder/log")"
grep -q "interrupted behind step" "$folder/log" || die "no word of the interruption"
"$train" --data /nonexistent --epochs 4 --batch 16 --out "$folder/b" --resume > "$folder/log" 2>&1
[ $? -eq 2 ] || die "another recipe was not refused"
"$train" $args --out "$folder/b" --resume > "$folder/log" 2>&1 || die "the last resume failed: $(cat "$folder/log")"

for file in fashion.safetensors report.html; do
    cmp "$folder/a/$file" "$folder/b/$file" || die "$file differs from that of the undisturbed run"
done
said=$(sed -n 's/^\(.*\) % of the test pictures right; wrote.*/\1/p' "$folder/log")
"$eval" --data /nonexistent --out "$folder/b" 2> /dev/null | grep -qF "$said % of 1000" || die "eval doesn't say $said %"
awk "BEGIN { exit !($said >= 95) }" || die "only $said % right"
echo "$said % right, same bits"
