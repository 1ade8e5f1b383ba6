# expect 2:10-2:11 Unclosed configuration block
resource {
  a = 1
