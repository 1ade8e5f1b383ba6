text = "${greeting}, ${upper("you")}" /* calls work */
sum  = 1 + 2 * 3 - -4 % 3
any  = [for i, x in ["a", "b"] : { (x) = i } if x != "b"]
settings { on = true }
rule {
  n = 1
}
rule {
  n = "2"
}
named a {
  v = <<-EOT
    x
      y
    EOT
}
