#!/usr/bin/env bash
# What isolation-netlinkd run takes, in a network namespace of its own: memory and processor time when nothing happens, with the HR/IT policy
# and with a million prefixes; the time from a changed file to the kernel, and from a deleted jump to its repair. Needs ./build.sh.
#   bench/daemon.sh                 # 3 minutes
#   bench/daemon.sh soak [SECONDS]  # 1800: each second another policy and a change by others; memory and descriptors meanwhile
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" != inside ]; then
  exec unshare --map-root-user --net "bench/$(basename "$0")" inside "$@"
fi
shift
PATH=$PATH:/usr/sbin:/sbin
ip link set lo up
binary=$PWD/artifacts/isolation-netlinkd
directory=$(mktemp -d)
export XTABLES_LOCKFILE=$directory/xtables.lock RUNTIME_DIRECTORY=$directory
daemon=''
finish() { if [ -n "$daemon" ]; then kill "$daemon"; wait "$daemon" || true; fi; rm -rf "$directory"; }
trap finish EXIT
policy=$directory/policy.yaml log=$directory/log

start() { # INTERVAL
  : >"$log"
  "$binary" run --policy "$policy" --verify-interval "$1" 2>"$log" &
  daemon=$!
  await 'in force: policy' 1
}

stop() { kill "$daemon"; wait "$daemon"; daemon=''; "$binary" remove >/dev/null; }

await() { # TEXT TIMES: until the log has it so often
  for _ in $(seq 3000); do
    if [ "$(grep -c "$1" "$log" || true)" -ge "$2" ]; then return; fi
    sleep 0.01
  done
  echo "'$1' did not come:" >&2; tail -n 3 "$log" >&2; exit 1
}

resident() { awk '/^VmRSS/ { printf "%.1f MB", $2 / 1024 }' "/proc/$daemon/status"; }
ticks() { cut -d' ' -f14,15 "/proc/$daemon/stat" | tr ' ' +; }
percent() { # SECONDS: of one core, over so long
  local before=$(($(ticks)))
  sleep "$1"
  awk -v ticks=$(($(ticks) - before)) -v seconds="$1" -v hertz="$(getconf CLK_TCK)" 'BEGIN { printf "%.2f %%", 100 * ticks / hertz / seconds }'
}

hr_it() { # SECOND OCTET
  printf 'version: 1\nnetworks:\n  hr: {subnets: [192.168.0.0/16]}\n  it: {subnets: [10.%d.0.0/16]}\nallow: [{from: hr, to: it, ports: [80/tcp]}]\n' "$1"
}

soak() { # SECONDS
  hr_it 1 >"$policy"
  start 1s
  echo "| after | resident | descriptors | policies | repairs |"
  echo "|---|---|---|---|---|"
  for second in $(seq "$1"); do
    hr_it $((second % 200 + 1)) >"$policy.new"
    mv "$policy.new" "$policy"
    # Another's change may meet the daemon's, and then fails.
    case $((second % 5)) in
      0) iptables-legacy -F dcos-isolation ;;
      1) iptables-legacy -D FORWARD 1 ;;
      2) iptables-legacy -I FORWARD -s 198.51.100.1 -j ACCEPT; iptables-legacy -D FORWARD -s 198.51.100.1 -j ACCEPT ;;
      3) ipset add "$(ipset list -name | grep -m 1 dcos-net-it)" 203.0.113.0/24 ;;
      4) ipset flush "$(ipset list -name | grep -m 1 dcos-net-hr)" ;;
    esac 2>/dev/null || true
    sleep 1
    if [ $((second % ($1 / 10 > 0 ? $1 / 10 : 1))) -eq 0 ]; then
      echo "| $second s | $(resident) | $(find "/proc/$daemon/fd" | wc -l) | $(grep -c 'in force: policy' "$log") | $(grep -c 'put back' "$log") |"
    fi
  done
  hr_it 250 >"$policy"
  sleep 2
  "$binary" plan "$policy" >/dev/null && echo 'at the end the kernel is as the policy says'
}

if [ "${1:-}" = soak ]; then soak "${2:-1800}"; exit; fi

echo "| what | measured |"
echo "|---|---|"
hr_it 1 >"$policy"
start 30s
sleep 5
echo "| resident, HR/IT | $(resident) |"
echo "| of one core, HR/IT, looked at every 30 s, over 60 s | $(percent 60) |"
stop

awk -v n=1000000 -f bench/prefixes.awk >"$directory/big.txt"
printf 'version: 1\nnetworks:\n  big: {subnets-file: big.txt}\n' >"$policy"
start 30s
sleep 35
echo "| resident, a million prefixes | $(resident) |"
echo "| of one core, a million, looked at every 30 s, over 90 s | $(percent 90) |"
for change in 1 2 3 4 5; do
  awk -v drop="$change" 'NR % 100 != drop' "$directory/big.txt" >"$directory/new.txt"
  sleep 1
  mv "$directory/new.txt" "$directory/big.txt"
  await 'in force: policy' $((change + 1))
done
grep 'in force: policy' "$log" | tail -n 5 | sed -n 's/.*; \([0-9.]*\) ms to read the policy, \([0-9.]*\) ms to switch/\1 \2/p' | awk '
  { printf "| 1 %% of a million changed: read and checked, switched | %.0f ms, %.0f ms, together %.0f ms |\n", $1, $2, $1 + $2 }'
stop

hr_it 1 >"$policy"
start 1s
for repair in 1 2 3 4 5; do
  begin=$(date +%s%N)
  iptables-legacy -D FORWARD 1
  await 'put back' "$repair"
  echo "| a deleted jump, looked at every 1 s: put back after | $((($(date +%s%N) - begin) / 1000000)) ms |"
done
stop
