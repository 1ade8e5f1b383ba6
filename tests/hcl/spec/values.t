result = {
  text     = "hi, YOU"
  sum      = 8
  any      = [{ a = 0 }]
  settings = { on = true }
  rule     = [{ n = 1 }, { n = 2 }]
  named    = { a = { v = "x\n  y\n" } }
}
