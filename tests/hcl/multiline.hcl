# expect 3:9-4:1 Invalid multi-line string
# expect 3:9-4:1 Unterminated template string
a = "two
lines"
