# What a test file of the package says, and whether two runs of it were alike; sourced by ipset.sh.
# shellcheck shell=bash

# plan FILE KERNEL ALL: a line for each step: its line, the expected status, its title, its command. Instead of a status: skip (a condition
# for what follows), long or unloads (steps that are left out). Read as the package's runtest.sh reads it: backslashes go, blanks collapse.
plan() {
  local words want title=- command number=0
  # shellcheck disable=SC2162
  while read -a words; do
    number=$((number + 1)) want=${words[0]-} command=${words[*]:1}
    case $want in
      '') continue ;;
      '#') if [ "$command" = eof ]; then break; fi; title=${command:--}; continue ;;
    esac
    case $2:$command in
      # It removes modules, on the machine's own kernel from under everybody.
      host:*setlist_resize.sh*) want=unloads ;;
      # Each starts the program 2,193 to 8,704 times.
      uml:*resize[tnc].sh* | qemu:*resize[tnc].sh* | uml:*setlist_resize.sh* | qemu:*setlist_resize.sh*) if [ -z "$3" ]; then want=long; fi ;;
    esac
    # Where programs start slowly, entries that live 4 s would be gone before the steps are done that need them.
    case $2 in uml | qemu) command=${command/%timeout 4/timeout 14} command=${command/#sleep 5/sleep 15} ;; esac
    printf '%s\t%s\t%s\t%s\n' "$number" "$want" "$title" "$command"
  done <"$1"
}

# The entries of hash sets come in an order that initval makes, so that of standard output the lines count, not their order: the tests
# themselves check the order where there is one. The head of what diff writes has the time of day.
normal() {
  case $1 in
    *.out) sed -E 's/timeout [0-9]+/timeout N/; s/initval 0x[0-9a-f]{8}/initval N/; /^(---|\+\+\+) .*\t/d' "$1" | LC_ALL=C sort ;;
    *.err) sed -E 's/^ipset v[0-9.]+:/ipset vN:/' "$1" ;;
  esac
}

# differences DIR LINE: what the step wrote differently in the two worlds.
differences() {
  local what
  for what in err out; do
    diff -U 0 --label "real: $what" --label "ours: $what" <(normal "$1/real/$2.$what") <(normal "$1/ours/$2.$what") | grep -v '^@@' || true
  done
}

# compare FILE DIR: the report of what failed and was skipped; the last line is the three numbers.
compare() {
  local file=$1 dir=$2 line want title command status ours_status different alike name ended='' passed=0 failed=0 skipped=0 after=0 not_run=0
  for name in real ours; do sed "s/^/$file, $name: /" "$dir/$name/log"; done
  while IFS=$'\t' read -r line want title command; do
    name="$file:$line: $title"
    if [ -n "$ended" ]; then if [ "$want" != skip ]; then after=$((after + 1)); fi; continue; fi
    case $want in
      skip) if [ "$(cat "$dir/real/ended" 2>/dev/null)" = "$line" ]; then ended="$file:$line: skip $command"; fi; continue ;;
      long) echo "SKIPPED: $name: left out, --all runs it: $command"; skipped=$((skipped + 1)); continue ;;
      unloads) echo "SKIPPED: $name: left out, it removes kernel modules: $command"; skipped=$((skipped + 1)); continue ;;
    esac
    status=$(cat "$dir/real/$line.status" 2>/dev/null || true)
    ours_status=$(cat "$dir/ours/$line.status" 2>/dev/null || true)
    if [ -z "$status" ]; then not_run=$((not_run + 1)); continue; fi
    if [ -z "$ours_status" ]; then echo "FAILED: $name: not run with ours"; failed=$((failed + 1)); continue; fi
    different=$(differences "$dir" "$line")
    alike=differs; if [ -z "$different" ] && [ "$ours_status" = "$status" ]; then alike=alike; fi
    if [ "$status" != "$want" ]; then
      skipped=$((skipped + 1))
      echo "SKIPPED: $name: the real program's status is $status instead of $want; ours $alike: $command"
    elif [ $alike != alike ]; then
      failed=$((failed + 1))
      printf 'FAILED: %s\n  %s\n  expected and real status: %s, ours: %s\n' "$name" "$command" "$want" "$ours_status"
      if [ -n "$different" ]; then head -n 20 <<<"$different" | sed 's/^/  /'; fi
    else
      passed=$((passed + 1))
    fi
  done <"$dir/plan"
  if [ -n "$ended" ]; then echo "SKIPPED: $ended failed, and ends the file: $after steps"; skipped=$((skipped + after)); fi
  if [ "$not_run" -gt 0 ]; then
    echo "FAILED: $file: the lab did not run the real program to the end of the file; $not_run more steps are skipped"
    failed=$((failed + 1)) skipped=$((skipped + not_run - 1))
  fi
  echo "$passed $failed $skipped"
}
