# What became of the plan's lines in the two worlds. A line counts once for each of its chains. Prints what failed or was skipped; the last line is the three numbers. With "lacking",
# lines that this kernel refuses although they are good are printed there, to be run on another, instead of being skipped.
#   awk -v deviations=FILE [-v lacking=FILE] -f iptables-compare.awk PLAN REAL OURS
BEGIN {
  FS = "\t"
  while ((getline line < deviations) > 0) {
    if (line !~ /^#/ && split(line, part, "\t") == 2) reason[part[1]] = part[2]
  }
}

# The plan.
FILENAME == ARGV[1] {
  if ($1 == "run") { if (lacking != "") print > lacking; next }
  count++; order[count] = $2; step[$2] = $0; want[$2] = $3; weight[$2] = split($5, chains, ","); rule[$2] = "*" $4 " -A " $5 " " $7
  next
}

# A world's log. When it was saved, and by which program, does not count.
/^\001end/ { ended[FILENAME] = 1; part_of = ""; next }
/^\001case / { name = substr($0, 7); part_of = ""; next }
/^\001status / { status[FILENAME, name] = substr($0, 9); part_of = "said"; next }
/^\001/ { part_of = substr($0, 2); next }
/^#/ { next }
part_of != "" { text[FILENAME, name, part_of] = text[FILENAME, name, part_of] "    " $0 "\n" }

function verdict(world, name) {
  if (!((world, name) in status)) return "not run"
  return status[world, name] == 0 ? "accepted" : status[world, name] <= 2 ? "refused" : "crashed"
}

# "iptables-restore: line 4 failed" is all that is said of a table that the kernel refused.
function kernel_refused(said) { return said ~ /line [0-9]+ failed|missing kernel module|initialize ip6?tables table/ }

function describe(world, who, name) {
  printf "  %s: %s, status %s\n%s", who, verdict(world, name), status[world, name], text[world, name, "said"]
  if (verdict(world, name) != "accepted") return
  printf "   saved by the real program:\n%s   saved by ours:\n%s", text[world, name, "real"], text[world, name, "ours"]
}

END {
  real = ARGV[2]; ours = ARGV[3]
  passed = failed = skipped = 0
  for (i = 1; i <= count; i++) {
    name = order[i]
    r = verdict(real, name); o = verdict(ours, name)
    alike = r == o && r != "not run"
    if (alike && r == "accepted") {
      table = text[real, name, "real"]
      alike = table ~ /COMMIT\n$/ && table == text[real, name, "ours"] && table == text[ours, name, "real"] && table == text[ours, name, "ours"]
    }
    split(name, word, " "); key = word[1] " " word[2]
    if (key in reason) {
      deviates[key] += !alike
      if (!alike) { skipped += weight[name]; if (deviates[key] == 1) print "SKIPPED: " key ": differs, because " reason[key]; continue }
    }
    if (!alike) {
      failed += weight[name]
      if (r == "not run" && o == "not run") { lost += weight[name]; continue }
      print "FAILED: " name ": " rule[name]
      describe(real, "real", name); describe(ours, "ours", name)
    } else if (r == "refused" && want[name] == "OK" && kernel_refused(text[real, name, "said"])) {
      if (lacking != "") { print step[name] > lacking; continue }
      skipped += weight[name]
      said = text[real, name, "said"]; gsub(/^ +|\n$/, "", said); gsub(/\n */, " ", said)
      print "SKIPPED: " name ": both are refused by this kernel: " rule[name] (said ~ /^[^ ]*: line [0-9]+ failed$/ ? "" : ": " said)
    } else if (r == "crashed") {
      failed += weight[name]; print "FAILED: " name ": the real program crashed as well: " rule[name]
    } else {
      passed += weight[name]
    }
  }
  for (key in deviates) if (!deviates[key]) { failed++; print "FAILED: " key ": does not differ any more, although " deviations " says so" }
  if (lost) print "FAILED: the lab did not run " lost " lines, from the first of which on neither program has left anything"
  if (!ended[real] || !ended[ours]) { failed += !lost; print "FAILED: the lab ended early" }
  print passed, failed, skipped
}
