# Reads the .trx files that `dotnet test` leaves and prints one line "PASSED FAILED SKIPPED", after a line "skipped NAME: REASON" for each
# test that was skipped and "failed NAME: MESSAGE" for each that failed. The counters of a trx file call a skipped test executed less than
# counted, and nothing else.
function text(s) {
  gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&#xD;|&#xA;/, " ", s); gsub(/&amp;/, "\\&", s)
  return s
}
function attribute(s, name) {
  return match(s, " " name "=\"[^\"]*\"") ? substr(s, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
}
function flush() { if (name != "") print outcome " " text(name) (reason == "" ? "" : ": " text(reason)); name = reason = "" }
/<UnitTestResult / {
  flush()
  outcome = attribute($0, "outcome") == "NotExecuted" ? "skipped" : "failed"
  if (attribute($0, "outcome") != "Passed") name = attribute($0, "testName")
}
name != "" && reason == "" && match($0, /<Message>[^<]*/) { reason = substr($0, RSTART + 9, RLENGTH - 9) }
/<\/UnitTestResult>/ { flush() }
/<Counters / {
  flush()
  passed += attribute($0, "passed")
  skipped += attribute($0, "total") - attribute($0, "executed")
  failed += attribute($0, "executed") - attribute($0, "passed")
}
END { flush(); print passed + 0, failed + 0, skipped + 0 }
